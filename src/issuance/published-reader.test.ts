import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEST_ROOT } from '../testing/builders.ts'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { testCa, testIntermediate } from '../testing/certificates.ts'
import { makeBundle } from '../trust/bundle.ts'
import { trustPair } from '../trust/transition.ts'
import { makePublishedReader } from './published-reader.ts'

const NEXT = testCa({ subject: 'CN=Next Root' })
/** The same name as the first root, and another key. */
const NAMESAKE = testCa({ subject: 'CN=Mesh Root', key: 'ECDSA-P384' })
const SUB = testIntermediate(TEST_ROOT, { subject: 'CN=Sub', pathLength: 1 })
const [A, B] = [TEST_ROOT.certificate.fingerprint, NEXT.certificate.fingerprint]

function pem(...certificates: readonly TestCertificate[]): string {
  return certificates.map(({ certificatePem }) => certificatePem).join('')
}

const ISSUED = testIntermediate(TEST_ROOT)
const BELOW = testIntermediate(SUB)
const SHORT = testIntermediate(SUB, { notAfter: SUB.certificate.notAfter - 3_600_000 })
const NAMELESS = testIntermediate(TEST_ROOT, { without: ['2.5.29.35'] })

const ROWS: readonly {
  readonly name: string
  readonly certificate: string
  readonly ca: string
  readonly expected: unknown
}[] = [
  { name: 'one root', certificate: pem(ISSUED), ca: pem(TEST_ROOT), expected: trustPair(A, [A]) },
  { name: 'two roots', certificate: pem(ISSUED), ca: pem(NEXT, TEST_ROOT), expected: trustPair(A, [A, B]) },
  { name: 'a chain: its top counts', certificate: pem(BELOW, SUB), ca: pem(TEST_ROOT), expected: trustPair(A, [A]) },
  { name: 'a namesake with another key', certificate: pem(ISSUED), ca: pem(NAMESAKE), expected: undefined },
  {
    name: 'the right one beside a namesake',
    certificate: pem(ISSUED),
    ca: pem(NAMESAKE, TEST_ROOT),
    expected: trustPair(A, [A, NAMESAKE.certificate.fingerprint]),
  },
  { name: 'no key identifier: the name', certificate: pem(NAMELESS), ca: pem(TEST_ROOT), expected: trustPair(A, [A]) },
  { name: 'another root', certificate: pem(ISSUED), ca: pem(NEXT), expected: undefined },
  { name: 'a chain without its top', certificate: pem(BELOW), ca: pem(TEST_ROOT), expected: undefined },
  { name: 'no certificate', certificate: '', ca: pem(TEST_ROOT), expected: undefined },
  { name: 'no roots', certificate: pem(ISSUED), ca: '', expected: undefined },
  { name: 'a key where roots should be', certificate: pem(ISSUED), ca: NEXT.privateKeyPem, expected: undefined },
  { name: 'octets', certificate: '\0\u{ffff}', ca: '\0', expected: undefined },
]

for (const { name, certificate, ca, expected } of ROWS) {
  test(`pair: ${name}`, () => assert.deepEqual(makePublishedReader()(certificate, ca)?.pair, expected))
}

test('the validity is that of the certificate itself, not of what stands above it', () => {
  const { notBefore, notAfter } = SHORT.certificate
  assert.equal(notAfter, SUB.certificate.notAfter - 3_600_000)
  assert.deepEqual(makePublishedReader()(pem(SHORT, SUB), pem(TEST_ROOT))?.validity, { notBefore, notAfter })
})

test('equal pairs are one object, however they were published', () => {
  const read = makePublishedReader()
  const canonical = makeBundle([TEST_ROOT.certificate, NEXT.certificate]).pem
  const first = read(pem(ISSUED), canonical)
  assert.ok(first)
  assert.equal(read(pem(BELOW, SUB), canonical)?.pair, first.pair)
  assert.equal(read(pem(ISSUED), pem(NEXT, TEST_ROOT))?.pair, first.pair)
})

test('more bundles than are remembered are read all the same', () => {
  const read = makePublishedReader()
  for (let spaces = 0; spaces < 600; spaces += 1) {
    const ca = `${pem(TEST_ROOT)}${'\n'.repeat(spaces)}`
    assert.deepEqual(read(pem(ISSUED), ca)?.pair, trustPair(A, [A]))
  }
})
