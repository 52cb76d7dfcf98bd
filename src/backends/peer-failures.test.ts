import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
/** Where the issuers that exist for AWS Private CA (W-A) and Vault (W-V) fail their users, by number. */
const FAILURES = [...numbered('W-A', 18), ...numbered('W-V', 8)]

function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`)
}

test('every failure of the issuers that exist has a test named after it', () => {
  const files = globSync(['src/**/*.test.ts', 'e2e/**/*.test.ts'], { cwd: ROOT })
  const titles = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  const named = new Set([...titles.matchAll(/['"`](W-[AV]\d+): /g)].map(([, name]) => name))
  assert.deepEqual(
    FAILURES.filter((failure) => !named.has(failure)),
    [],
  )
})
