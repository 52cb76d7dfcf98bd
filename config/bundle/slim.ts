import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin, PluginBuild } from 'esbuild'

/** Takes the place of modules that are never called. */
function replacing(name: string, modules: readonly Replaced[]): Plugin {
  return {
    name,
    setup(build: PluginBuild) {
      for (const { filter, importer, contents } of modules) {
        build.onResolve({ filter }, ({ path, importer: from }) =>
          importer.test(from) ? { path, namespace: name, pluginData: contents } : undefined,
        )
      }
      build.onLoad({ filter: /.*/, namespace: name }, ({ pluginData }) => ({ contents: pluginData }))
    },
  }
}

interface Replaced {
  readonly filter: RegExp
  /** Of whose imports. */
  readonly importer: RegExp
  readonly contents: string
}

export const withoutUnused: Plugin = replacing('unused', [
  // Only express's body parser asks for it, half a megabyte of character tables; nothing here has a body parsed.
  { filter: /^iconv-lite$/, importer: /./, contents: 'module.exports = {}' },
  // The default of a client that is always given its credentials, with an old STS and two old SSO clients behind it.
  {
    filter: /^@aws-sdk\/credential-provider-node$/,
    importer: /[\\/]client-acm-pca[\\/]/,
    contents: "exports.defaultProvider = () => { throw new Error('credentials are given to the client') }",
  },
])

const NESTED = /^(.*[\\/]node_modules[\\/](@(?:smithy|aws-sdk)[\\/][^\\/]+))[\\/](.*)$/

/**
 * npm keeps a copy of the newer SDK's core for each of its packages, since an older one stands at the top: one of each
 * version is enough.
 */
export function oneCopyOfEach(): Plugin {
  const homes = new Map<string, string>()
  return {
    name: 'one-copy-of-each',
    setup(build: PluginBuild) {
      build.onResolve({ filter: /^(?:@smithy|@aws-sdk)\// }, async ({ path, pluginData, ...how }) => {
        if (pluginData === homes) return undefined
        const { importer, resolveDir, kind } = how
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: homes })
        const [, home, name, file] = NESTED.exec(found.path) ?? []
        if (home === undefined || name === undefined || file === undefined) return found
        const first = homes.get(`${name}@${versionOf(home)}`) ?? home
        homes.set(`${name}@${versionOf(home)}`, first)
        return { ...found, path: join(first, file) }
      })
    },
  }
}

function versionOf(home: string): string {
  const { version }: { readonly version: string } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  return version
}
