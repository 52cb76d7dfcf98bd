import type { OnResolveArgs, Plugin } from 'esbuild'

/**
 * Only express's body parser asks for iconv-lite, half a megabyte of character tables; nothing here has a body parsed, so
 * an empty module does.
 */
export const withoutIconv: Plugin = {
  name: 'without-iconv',
  setup(build) {
    build.onResolve({ filter: /^iconv-lite$/ }, ({ path }) => ({ path, namespace: 'empty' }))
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }))
  },
}

const CLIENT_NODE = /[\\/]node_modules[\\/]@kubernetes[\\/]client-node[\\/]/
/** Marks a resolution that the plugin itself asked for. */
const ASKED = 'asked by pure-client-node'

/**
 * The modules of @kubernetes/client-node only define, but the package does not declare that; told so, esbuild leaves out
 * the models that nothing here uses.
 */
export const pureClientNode: Plugin = {
  name: 'pure-client-node',
  setup(build) {
    build.onResolve({ filter: /^\.|^@kubernetes\/client-node/ }, async ({ path, ...args }: OnResolveArgs) => {
      if (args.pluginData === ASKED || (path.startsWith('.') && !CLIENT_NODE.test(args.importer))) return undefined
      const { importer, kind, namespace, resolveDir } = args
      const resolved = await build.resolve(path, { importer, kind, namespace, resolveDir, pluginData: ASKED })
      return { ...resolved, sideEffects: false }
    })
  },
}
