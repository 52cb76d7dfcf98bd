import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCertificates } from '../pki/certificate.ts'
import { TEST_NOW, testCa } from '../testing/certificates.ts'
import { makeBundle } from './bundle.ts'

/** Oldest first; the last three are of one age. */
const ROOTS = [0, 1, 2, 2, 2].map(
  (age, index) => testCa({ subject: `CN=Root ${index}`, notBefore: TEST_NOW - 10_000_000 + age * 1000 }).certificate,
)
const BY_AGE = [...ROOTS.slice(0, 2), ...ROOTS.slice(2).sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))]

test('a bundle is sorted by notBefore, then fingerprint', () => {
  const pem = BY_AGE.map((root) => root.pem).join('')
  assert.deepEqual(makeBundle([...ROOTS].reverse()), {
    roots: BY_AGE,
    pem,
    sha256: createHash('sha256').update(pem).digest('hex'),
  })
})

test('the same roots give the same bytes, in whatever order and how often they come', () => {
  const { pem, sha256, roots } = makeBundle(ROOTS)
  const orders = fc
    .tuple(fc.shuffledSubarray(ROOTS, { minLength: ROOTS.length }), fc.array(fc.constantFrom(...ROOTS)))
    .map(([all, again]) => [...again, ...all])
  fc.assert(
    fc.property(orders, (order) => {
      const before = [...order]
      assert.deepEqual(makeBundle(order), { pem, sha256, roots })
      assert.deepEqual(order, before)
    }),
  )
})

test('different sets of roots give different bytes', () => {
  const sets = fc.subarray(ROOTS)
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const same = a.length === b.length && a.every((root) => b.includes(root))
      assert.equal(makeBundle(a).pem === makeBundle(b).pem, same)
    }),
  )
})

test('each certificate ends with exactly one newline, and nothing stands between them', () => {
  const { pem } = makeBundle(ROOTS)
  assert.match(pem, /^(?:-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n){5}$/)
  assert.deepEqual(
    parseCertificates(pem).map((root) => root.fingerprint),
    BY_AGE.map((root) => root.fingerprint),
  )
})

test('roots read from other spellings of PEM give the canonical bytes', () => {
  const loose = ROOTS.map((root) => `\n${root.pem.trimEnd().replaceAll('\n', '\r\n')}\n\n`).join('')
  assert.equal(makeBundle(parseCertificates(loose)).pem, makeBundle(ROOTS).pem)
})
