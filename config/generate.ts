import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { CLUSTER_ISSUER_KIND, GROUP, ISSUER_KIND, PLURALS } from '../src/api/names.ts'
import { customResourceDefinition } from './crd/definition.ts'
import { chartFiles } from './generate-chart.ts'

const HEADER = '# Made by `npm run generate` from src/api/schema. Do not edit.\n'

/** What a run of this program would write: path and content. */
function generatedFiles(): readonly (readonly [path: string, content: string])[] {
  const crds = [ISSUER_KIND, CLUSTER_ISSUER_KIND].map((kind) => {
    const path = fileURLToPath(new URL(`crd/${GROUP}_${PLURALS[kind]}.yaml`, import.meta.url))
    const definition = stringify(customResourceDefinition(kind), { lineWidth: 0, aliasDuplicateObjects: false })
    return [path, HEADER + definition] as const
  })
  return [...crds, ...chartFiles()]
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const stale = generatedFiles().filter(([path, content]) => contentOf(path) !== content)
const names = stale.map(([path]) => relative(process.cwd(), path))
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`Not current: ${names.join(', ')}. Run \`npm run generate\` and commit what it writes.`)
    process.exitCode = 1
  }
} else {
  for (const [path, content] of stale) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  console.log(stale.length === 0 ? 'Everything is current.' : `Written: ${names.join(', ')}.`)
}
