import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { testCa, testIntermediate } from '../testing/certificates.ts'
import { readCertificateHead } from './certificate-head.ts'
import { PkiError } from './error.ts'

const ROOT = testCa({ subject: 'CN=Mesh Root,O=Mesh' })
const SUB = testIntermediate(ROOT)

const CERTIFICATES: readonly (readonly [name: string, certificate: TestCertificate])[] = [
  ['a root', ROOT],
  ['an intermediate', SUB],
  ['one with an RSA key', testIntermediate(ROOT, { key: 'RSA' })],
  ['one without an authority key identifier', testIntermediate(ROOT, { without: ['2.5.29.35'] })],
]

for (const [name, { certificate }] of CERTIFICATES) {
  test(`the head is what the whole certificate says: ${name}`, () => {
    const { authorityKeyIdentifier, notBefore, notAfter } = certificate
    const expected = { issuer: certificate.issuer.der, authorityKeyIdentifier, notBefore, notAfter }
    assert.deepEqual(readCertificateHead(certificate.der), expected)
  })
}

test('whatever is not a certificate is refused in words, or steps aside', () => {
  const { der } = SUB.certificate
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (at, octet) => {
      const hostile = Uint8Array.from(der)
      hostile[at] = octet
      try {
        readCertificateHead(hostile)
      } catch (error) {
        assert.ok(error instanceof PkiError)
      }
    }),
  )
  for (let length = 0; length < 20; length += 1)
    assert.throws(() => readCertificateHead(der.subarray(0, length)), { code: 'der-invalid' })
})
