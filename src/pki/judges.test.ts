import 'reflect-metadata'
import assert from 'node:assert/strict'
import { X509Certificate as NodeCertificate, type webcrypto } from 'node:crypto'
import { describe, test } from 'node:test'
import { rootCertificates } from 'node:tls'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import { testCa, testCsr, testIntermediate } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { dns, email, ip, uri } from '../testing/names.ts'
import { isSelfSigned, isSignedBy, parseCertificates } from './certificate.ts'
import { parseCertificationRequest } from './csr.ts'
import type { KeyKind } from './public-key.ts'
import type { GeneralName } from './san.ts'

const keys = testKeys()
const KINDS: readonly KeyKind[] = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']
const root = testCa()

const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((second) => second * 1000)
const host = fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,5}$/)
const name: fc.Arbitrary<GeneralName> = fc.oneof(
  host.map(dns),
  host.map((text) => uri(`spiffe://${text}/ns/a`)),
  host.map((text) => email(`joe@${text}`)),
  fc.ipV4().map(ip),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) =>
    ip(
      Buffer.from(octets)
        .toString('hex')
        .replace(/(.{4})(?!$)/g, '$1:'),
    ),
  ),
)
const options = fc.record(
  {
    subject: fc
      .stringMatching(/^CN=[A-Za-z0-9 äé.]{1,20}$/)
      .filter((text) => text.trim() === text && !text.includes('= ')),
    serialNumber: fc
      .uint8Array({ minLength: 1, maxLength: 19 })
      .filter((octets) => octets.some((octet) => octet !== 0)),
    notBefore: seconds,
    names: fc.array(name, { minLength: 1, maxLength: 4 }),
    isCA: fc.boolean(),
    pathLength: fc.nat({ max: 300 }),
    keyUsage: fc.uniqueArray(fc.constantFrom('digitalSignature', 'keyCertSign', 'cRLSign', 'decipherOnly'), {
      minLength: 1,
    }),
    extKeyUsage: fc.uniqueArray(fc.constantFrom('1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2', '2.5.29.37.0')),
  },
  { requiredKeys: ['subject', 'notBefore'] },
)

describe('what our writer makes, our reader and others read alike', () => {
  test('node', () => {
    fc.assert(
      fc.property(options, (wanted) => {
        const { certificate } = testIntermediate(root, { ...wanted, notAfter: wanted.notBefore + 1000 })
        const judge = new NodeCertificate(certificate.der)
        assert.equal(certificate.subject.text, wanted.subject)
        assert.equal(certificate.notBefore, wanted.notBefore)
        assert.deepEqual(certificate.basicConstraints?.cA, wanted.isCA ?? true)
        assert.deepEqual(certificate.subjectAltName?.names, wanted.names)
        assert.equal(judge.validFromDate.getTime(), certificate.notBefore)
        assert.equal(judge.validToDate.getTime(), certificate.notAfter)
        // OpenSSL calls a CA only what may also sign certificates.
        assert.equal(
          judge.ca,
          certificate.basicConstraints?.cA === true && certificate.keyUsage?.includes('keyCertSign'),
        )
        assert.equal(judge.fingerprint256.replaceAll(':', '').toLowerCase(), certificate.fingerprint)
        assert.equal(BigInt(`0x${judge.serialNumber}`), BigInt(`0x${certificate.serialNumber}`))
        assert.deepEqual(judge.keyUsage ?? [], certificate.extKeyUsage ?? [])
        assert.equal(judge.verify(root.certificate.publicKey.keyObject), isSignedBy(certificate, root.certificate))
      }),
    )
  })

  test('@peculiar/x509', () => {
    fc.assert(
      fc.property(options, (wanted) => {
        const { certificate } = testIntermediate(root, { ...wanted, notAfter: wanted.notBefore + 1000 })
        const judge = new x509.X509Certificate(Buffer.from(certificate.der))
        assert.equal(judge.subject, certificate.subject.text)
        assert.equal(judge.notBefore.getTime(), certificate.notBefore)
        const basic = judge.getExtension(x509.BasicConstraintsExtension)
        assert.deepEqual(
          [basic?.ca, basic?.pathLength],
          [certificate.basicConstraints?.cA, certificate.basicConstraints?.pathLength],
        )
        const san = judge.getExtension(x509.SubjectAlternativeNameExtension)
        const texts = certificate.subjectAltName?.names.map((one) =>
          'value' in one ? [one.type === 'uri' ? 'url' : one.type, one.value] : [],
        )
        assert.deepEqual(
          san?.names.items.map((one) => [one.type, one.value]),
          texts,
        )
        assert.deepEqual(
          [...(judge.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [])],
          certificate.extKeyUsage ?? [],
        )
        const ski = judge.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId
        assert.equal(ski, Buffer.from(certificate.subjectKeyIdentifier ?? []).toString('hex'))
      }),
    )
  })
})

test('every public root that node ships is read and found self-signed', () => {
  for (const pem of rootCertificates) {
    const [certificate] = parseCertificates(pem)
    assert.ok(certificate)
    assert.ok(isSelfSigned(certificate), certificate.subject.text)
    assert.equal(new NodeCertificate(pem).fingerprint256.replaceAll(':', '').toLowerCase(), certificate.fingerprint)
  }
})

describe('requests', () => {
  test('ours are read and verified by @peculiar/x509', async () => {
    for (const kind of KINDS) {
      const { csr, csrPem } = testCsr({
        key: keys(kind, 'csr'),
        subject: 'CN=a,O=b',
        names: [dns('a'), uri('spiffe://a/b')],
      })
      const judge = new x509.Pkcs10CertificateRequest(csrPem)
      assert.equal(await judge.verify(), true, kind)
      assert.equal(csr.subject.text, 'CN=a,O=b')
      // It writes the parts in the order of their encoding.
      assert.equal(judge.subject, 'O=b, CN=a')
    }
  })

  const algorithms: readonly (readonly [
    string,
    webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams | webcrypto.Algorithm,
  ])[] = [
    ['ECDSA P-256', { name: 'ECDSA', namedCurve: 'P-256' }],
    ['Ed25519', { name: 'Ed25519' }],
    [
      'RSA',
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-512',
        modulusLength: 2048,
        publicExponent: Uint8Array.of(1, 0, 1),
      } satisfies webcrypto.RsaHashedKeyGenParams,
    ],
    [
      'RSASSA-PSS',
      {
        name: 'RSA-PSS',
        hash: 'SHA-256',
        modulusLength: 2048,
        publicExponent: Uint8Array.of(1, 0, 1),
      } satisfies webcrypto.RsaHashedKeyGenParams,
    ],
  ]
  for (const [what, algorithm] of algorithms) {
    test(`those of @peculiar/x509 are read by us: ${what}`, async () => {
      const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
      const made = await x509.Pkcs10CertificateRequestGenerator.create({
        name: 'O=b, CN=a',
        keys: pair,
        signingAlgorithm: { name: algorithm.name, hash: 'SHA-256', saltLength: 32 } as webcrypto.EcdsaParams,
        extensions: [
          new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.b' }]),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ],
      })
      const csr = parseCertificationRequest(`${made.toString('pem')}\n`)
      assert.deepEqual(csr.subjectAltName?.names, [dns('a.b')])
      assert.deepEqual([csr.subject.text, csr.keyUsage], ['CN=a,O=b', ['digitalSignature']])
    })
  }
})
