import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/** What needs no lab, in the order in which it runs. */
const UNIT = ['src/**/*.test.ts', 'config/{.,alerts,crd,dashboard}/*.test.ts']
/** What does, or builds; the quick ones first. */
const LAB = [
  'config/bundle/*.test.ts',
  'e2e/lab/**/*.test.ts',
  'e2e/*.test.ts',
  'e2e/stories/*.test.ts',
  'e2e/conformance/*.test.ts',
  'e2e/**/*.test.ts',
]

/** No file of tests takes longer, unless it hangs. */
const FILE_TIMEOUT_MS = 15 * 60_000

const root = join(import.meta.dirname, '..')

function found(patterns: readonly string[]): string[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort())
  return [...new Set(files)].map((file) => join(root, file))
}

type RunOptions = NonNullable<Parameters<typeof run>[0]>

/** Runs a part and shows it with a summary of its own. */
async function show(title: string, options: RunOptions): Promise<void> {
  process.stdout.write(`\n${title}\n`)
  const results = run(options).on('test:fail', () => {
    process.exitCode = 1
  })
  await pipeline(results.compose(new spec()), process.stdout, { end: false })
}

// In one process, since a process for each of so many files takes longer than all of their tests.
await show('Unit tests', { files: found(UNIT), isolation: 'none' })
// Two files at a time: each waits for its programs more than it works.
await show('Tests in the lab', { files: found(LAB), concurrency: 2, timeout: FILE_TIMEOUT_MS })
