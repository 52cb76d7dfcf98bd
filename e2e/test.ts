import { globSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/** The order of a whole test run: what is quick and needs no lab first. */
const PATTERNS = [
  'src/**/*.test.ts',
  'config/**/*.test.ts',
  'e2e/lab/**/*.test.ts',
  'e2e/*.test.ts',
  'e2e/stories/*.test.ts',
  'e2e/conformance/*.test.ts',
  'e2e/**/*.test.ts',
]

/** No file of tests takes longer, unless it hangs. */
const FILE_TIMEOUT_MS = 15 * 60_000

const root = join(import.meta.dirname, '..')
const found = PATTERNS.map((pattern) => globSync(pattern, { cwd: root }).sort())
const files = [...new Set(found.flat())].map((file) => join(root, file))

// One run, so that one summary counts everything; one file at a time, since a lab uses the whole of a small machine.
run({ files, concurrency: 1, timeout: FILE_TIMEOUT_MS })
  .on('test:fail', () => {
    process.exitCode = 1
  })
  .compose(new spec())
  .pipe(process.stdout)
