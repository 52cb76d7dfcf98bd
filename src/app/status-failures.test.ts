import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FailureLog } from './status-failures.ts'

test('what is said again of a subject moves to the front and is counted', () => {
  const log = new FailureLog()
  const first = { subject: 'a', reason: 'R', message: 'first' }
  log.note({ at: 1, ...first })
  log.note({ at: 2, subject: 'b', reason: 'R', message: 'b' })
  log.note({ at: 3, subject: 'a', reason: 'Other', message: 'c' })
  log.note({ at: 4, ...first, message: 'second' })
  assert.deepEqual(log.list(), [
    { at: 4, subject: 'a', reason: 'R', message: 'second', times: 2 },
    { at: 3, subject: 'a', reason: 'Other', message: 'c', times: 1 },
    { at: 2, subject: 'b', reason: 'R', message: 'b', times: 1 },
  ])
})

test('however much fails, the newest fifty are kept', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(120), { maxLength: 400 }), (subjects) => {
      const log = new FailureLog()
      for (const [at, subject] of subjects.entries())
        log.note({ at, subject: String(subject), reason: 'R', message: '' })
      const newest = [...new Set(subjects.toReversed())].slice(0, 50).map(String)
      assert.deepEqual(
        log.list().map(({ subject }) => subject),
        newest,
      )
    }),
  )
})
