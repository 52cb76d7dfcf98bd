import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testCsr } from '../../certificates.ts'
import { KnownCsrs } from './known-csrs.ts'
import { refusal } from './service-world.ts'

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

test('a CSR that came before is not read anew, and another one is', () => {
  const csrs = new KnownCsrs()
  const [one, two] = ['CN=one', 'CN=two'].map((subject) => base64(testCsr({ subject }).csrPem))
  const read = csrs.read(one ?? '')
  assert.equal(csrs.read(one ?? ''), read)
  assert.deepEqual([read.subject.text, csrs.read(two ?? '').subject.text], ['CN=one', 'CN=two'])
})

test('what is no CSR is refused each time', () => {
  const csrs = new KnownCsrs()
  const refusals = [1, 2].map(() => refusal(() => csrs.read(base64('no CSR'))))
  assert.match(refusals[0] ?? '', /^MalformedCSRException: /)
  assert.equal(refusals[1], refusals[0])
})
