import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FindingCode, finding } from '../doctor/finding.ts'
import { exitFor } from './exit.ts'

const ROWS: readonly {
  readonly name: string
  readonly codes: readonly FindingCode[]
  /** Without and with --strict. */
  readonly expected: readonly [number, number]
}[] = [
  { name: 'nothing', codes: [], expected: [0, 0] },
  { name: 'a warning', codes: ['KeyNeverChanges'], expected: [0, 1] },
  { name: 'a problem', codes: ['RootsDiffer'], expected: [2, 2] },
  { name: 'a right that is missing', codes: ['RightMissing'], expected: [1, 1] },
  { name: 'a question that failed', codes: ['KeyNeverChanges', 'QuestionFailed'], expected: [1, 1] },
  { name: 'a problem, and a right that is missing', codes: ['RightMissing', 'RootsDiffer'], expected: [2, 2] },
]

for (const { name, codes, expected } of ROWS) {
  test(`a pipeline is told of ${name}`, () => {
    const findings = codes.map((code) => finding(code, { what: '', where: '', remedy: '' }))
    assert.deepEqual([exitFor(findings, false), exitFor(findings, true)], expected)
  })
}
