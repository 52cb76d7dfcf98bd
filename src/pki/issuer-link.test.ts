import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type TestCertificate, testCa, testIntermediate } from '../testing/certificates.ts'
import { PkiError } from './error.ts'
import { readIssuerLink } from './issuer-link.ts'

const ROOT = testCa({ subject: 'CN=Mesh Root,O=Mesh' })
const SUB = testIntermediate(ROOT)

const CERTIFICATES: readonly (readonly [name: string, certificate: TestCertificate])[] = [
  ['a root', ROOT],
  ['an intermediate', SUB],
  ['one with an RSA key', testIntermediate(ROOT, { key: 'RSA' })],
  ['one without an authority key identifier', testIntermediate(ROOT, { without: ['2.5.29.35'] })],
]

for (const [name, { certificate }] of CERTIFICATES) {
  test(`whom it names is what the whole certificate says: ${name}`, () => {
    const { issuer, authorityKeyIdentifier } = readIssuerLink(certificate.der)
    assert.deepEqual(issuer, certificate.issuer.der)
    assert.deepEqual(authorityKeyIdentifier, certificate.authorityKeyIdentifier)
  })
}

test('whatever is not a certificate is refused in words, or steps aside', () => {
  const { der } = SUB.certificate
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (at, octet) => {
      const hostile = Uint8Array.from(der)
      hostile[at] = octet
      try {
        readIssuerLink(hostile)
      } catch (error) {
        assert.ok(error instanceof PkiError)
      }
    }),
  )
  for (let length = 0; length < 20; length += 1)
    assert.throws(() => readIssuerLink(der.subarray(0, length)), { code: 'der-invalid' })
})
