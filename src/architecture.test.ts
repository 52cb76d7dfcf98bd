import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const SRC = import.meta.dirname
const FILES = globSync('**/*.ts', { cwd: SRC }).sort()
const PRODUCTION = FILES.filter((file) => !file.endsWith('.test.ts') && !file.startsWith('testing/'))

/** Who may import whom, as ARCHITECTURE.md has it: folders, or single files. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  api: [],
  pki: [],
  trust: ['pki'],
  issuance: ['api', 'pki', 'trust', 'backends/backend.ts', 'backends/config.ts'],
  backends: ['pki', 'fence.ts'],
  cluster: ['api', 'fence.ts'],
  controllers: ['issuance', 'backends', 'cluster', 'api', 'pki', 'trust', 'ops'],
  doctor: ['api', 'pki', 'trust', 'issuance', 'backends/backend.ts'],
  server: ['api', 'ops'],
  ops: [],
  cli: ['app.ts', 'settings.ts', 'api', 'pki', 'trust', 'issuance', 'doctor', 'backends', 'cluster', 'ops'],
  'fence.ts': [],
  'settings.ts': ['settings-values.ts'],
  'settings-values.ts': ['api/duration.ts'],
  'main.ts': ['cli'],
}

function source(file: string): string {
  return readFileSync(join(SRC, file), 'utf8')
}

function importsOf(file: string): readonly string[] {
  const found = source(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...found].map(([, path = '']) => relative(SRC, join(SRC, dirname(file), path)))
}

function place(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file
}

test('every folder imports only what the table allows', () => {
  const offences = PRODUCTION.filter((file) => place(file) !== 'app.ts' && place(file) !== 'app').flatMap((file) => {
    const allowed = MAY_IMPORT[place(file)]
    assert.ok(allowed, `${file} lies in a place that the table does not know`)
    return importsOf(file)
      .filter((path) => place(path) !== place(file) && !allowed.includes(place(path)) && !allowed.includes(path))
      .map((path) => `${file} imports ${path}`)
  })
  assert.deepEqual(offences, [])
})

test('production imports nothing from testing and no test', () => {
  const offences = PRODUCTION.flatMap((file) =>
    importsOf(file)
      .filter((path) => path.startsWith('testing/') || path.endsWith('.test.ts'))
      .map((path) => `${file} imports ${path}`),
  )
  assert.deepEqual(offences, [])
})

test('a concrete back end is imported by its own folder, open.ts and config.ts only', () => {
  const offences = PRODUCTION.flatMap((file) =>
    importsOf(file)
      .filter((path) => /^backends\/[^/]+\//.test(path) && dirname(path) !== dirname(file))
      .filter(() => file !== 'backends/open.ts' && file !== 'backends/config.ts')
      .map((path) => `${file} imports ${path}`),
  )
  assert.deepEqual(offences, [])
})

test('imports have no cycle', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of valueImportsOf(file)) {
      const cycle = visit(next, [...path, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  const cycles = PRODUCTION.map((file) => visit(file, [])).filter((cycle) => cycle !== undefined)
  assert.deepEqual(cycles, [])
})

/** A type-only import is gone at run time, but it is counted too: a cycle of types is one thought in two files. */
function valueImportsOf(file: string): readonly string[] {
  return importsOf(file).filter((path) => PRODUCTION.includes(path))
}

const SINGLE_PLACES: readonly { readonly what: RegExp; readonly allowed: readonly string[] }[] = [
  { what: /\bDate\.now\(\)|\bnew Date\(\)|\bperformance\.now\(\)/, allowed: ['app.ts'] },
  { what: /\bprocess\.env\b/, allowed: ['settings.ts'] },
  { what: /\bprocess\.exit\b/, allowed: ['main.ts'] },
  { what: /\bconsole\./, allowed: [] },
  { what: /^(?:export )?let /m, allowed: [] },
  { what: /^export \* from/m, allowed: [] },
  { what: /^export default/m, allowed: [] },
]

for (const { what, allowed } of SINGLE_PLACES) {
  test(`${what} appears in ${allowed.join(', ') || 'no file'} only`, () => {
    const found = PRODUCTION.filter((file) => what.test(source(file).replace(/^\s*(?:\/\*\*|\*|\/\/).*$/gm, '')))
    assert.deepEqual(
      found.filter((file) => !allowed.includes(file)),
      [],
    )
  })
}

test('no file of production is longer than 220 lines', () => {
  const long = PRODUCTION.map((file) => ({ file, lines: source(file).split('\n').length - 1 })).filter(
    ({ lines }) => lines > 220,
  )
  assert.deepEqual(long, [])
})

test('every test that SECURITY.md names is there', () => {
  const root = join(SRC, '..')
  const named = [...readFileSync(join(root, 'SECURITY.md'), 'utf8').matchAll(/`((?:src|e2e)\/[^`]+)`/g)]
  const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))
  assert.ok(named.length > 20)
  assert.deepEqual(missing, [])
})
