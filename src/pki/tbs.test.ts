import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, testName } from '../testing/names.ts'
import { publicKeyOf } from '../testing/signing.ts'
import { parseCertificate } from './certificate.ts'
import { makeSubjectAltName } from './san.ts'
import { assembleCertificate, type CertificateContent, encodeTbsCertificate, signatureSchemeFor } from './tbs.ts'

const key = publicKeyOf(testKeys()('ECDSA-P256', 'subject'))
const scheme = signatureSchemeFor(key)
const content: CertificateContent = {
  serialNumber: Buffer.of(1, 2, 3),
  issuer: testName('CN=Root'),
  subject: testName('CN=Below'),
  notBefore: Date.UTC(2026, 0, 1),
  notAfter: Date.UTC(2050, 0, 1),
  publicKey: key,
  isCA: true,
  keyUsage: ['keyCertSign', 'cRLSign'],
  extKeyUsage: [],
  authorityKeyIdentifier: Buffer.from('above'),
}
const dnsOnly = constraints({ dnsDomains: ['a'] })

/** What the writer wrote behind the public key, in hexadecimal. */
function extensions(change: Partial<CertificateContent>): string {
  const tbs = Buffer.from(encodeTbsCertificate({ ...content, ...change }, scheme)).toString('hex')
  const spki = Buffer.from(key.spki).toString('hex')
  return tbs.slice(tbs.indexOf(spki) + spki.length)
}

describe('what is written', () => {
  test('is a function of the content alone', () => {
    assert.deepEqual(encodeTbsCertificate(content, scheme), encodeTbsCertificate({ ...content }, scheme))
  })

  test('UTCTime until 2049, GeneralizedTime from 2050', () => {
    const tbs = Buffer.from(encodeTbsCertificate(content, scheme)).toString('hex')
    assert.ok(tbs.includes(Buffer.from('\x17\x0d260101000000Z\x18\x0f20500101000000Z').toString('hex')))
  })

  const san = makeSubjectAltName([dns('a')], true)
  const rows: readonly (readonly [string, Partial<CertificateContent>, string])[] = [
    ['a CA with a path length, critical', { pathLength: 0 }, '30120603551d130101ff040830060101ff020100'],
    ['a CA without one', {}, '300f0603551d130101ff040530030101ff'],
    ['no CA, critical and without the default', { isCA: false }, '300c0603551d130101ff04023000'],
    ['key usages, critical and in the fewest bits', {}, '300e0603551d0f0101ff040403020106'],
    ['extended usages, not critical', { extKeyUsage: ['2.5.29.37.0'] }, '300f0603551d250408300606 04551d2500'],
    ['a SAN beside a subject, not critical whatever it says', { subjectAltName: san }, '300c0603551d1104053003820161'],
    [
      'a SAN without a subject, critical',
      { subjectAltName: { ...san, critical: false }, subject: testName('') },
      '300f0603551d110101ff04053003820161',
    ],
    ['name constraints, critical', { nameConstraints: dnsOnly }, '30130603551d1e0101ff0409'],
    ['name constraints that are not', { nameConstraints: { ...dnsOnly, critical: false } }, '30100603551d1e0409'],
    ['the key identifier of the authority', {}, '30100603551d2304093007800561626f7665'],
  ]
  for (const [what, change, expected] of rows) {
    test(what, () => assert.ok(extensions(change).includes(expected.replaceAll(' ', '')), extensions(change)))
  }

  test('no extension that nothing asks for', () => {
    const bare = extensions({ keyUsage: [] })
    const found = ['0603551d0f', '0603551d25', '0603551d11', '0603551d1e'].filter((oid) => bare.includes(oid))
    assert.deepEqual(found, [])
  })

  test('a serial number of 20 octets', () => {
    const serialNumber = Buffer.alloc(20, 0x7f)
    const der = assembleCertificate(encodeTbsCertificate({ ...content, serialNumber }, scheme), scheme, Buffer.of(1))
    assert.equal(parseCertificate(der).serialNumber, serialNumber.toString('hex'))
  })
})

describe('what is not written', () => {
  const cannot = (reason: string) => ['content-invalid', `no such certificate can be made: ${reason}`] as const
  const forCAs = cannot('path length and name constraints are for CAs only')
  const rows: readonly (readonly [string, Partial<CertificateContent>, string, string])[] = [
    ['serial number zero', { serialNumber: Buffer.alloc(4) }, ...cannot('its serial number would be zero')],
    ['no serial number', { serialNumber: Buffer.alloc(0) }, ...cannot('its serial number would be zero')],
    [
      '20 octets of a serial number that need a sign octet',
      { serialNumber: Buffer.alloc(20, 0x80) },
      ...cannot('its serial number would be longer than 20 octets'),
    ],
    ['an end before the beginning', { notAfter: content.notBefore - 1000 }, ...cannot('it would end before it begins')],
    ['a path length for what is no CA', { isCA: false, pathLength: 0 }, ...forCAs],
    ['name constraints for what is no CA', { isCA: false, nameConstraints: dnsOnly }, ...forCAs],
    [
      'half a second',
      { notBefore: 500 },
      'time-invalid',
      'a certificate can carry only times of whole seconds in the years 1950 to 9999',
    ],
    [
      'constraints without a subtree',
      { nameConstraints: constraints({}) },
      'name-constraints-invalid',
      'the name constraints cannot be used: they hold no subtree; leave them out instead',
    ],
  ]
  for (const [what, change, code, message] of rows) {
    test(what, () => {
      const encode = () => encodeTbsCertificate({ ...content, ...change }, scheme)
      assert.throws(encode, { name: 'PkiError', code, message })
    })
  }

  test('a signature of a key that is not supported', () => {
    const message = 'certificates cannot be signed with ECDSA secp256k1 keys here; use RSA, ECDSA or Ed25519'
    const unsupported = publicKeyOf(testKeys()('ECDSA-secp256k1', 'a'))
    assert.throws(() => signatureSchemeFor(unsupported), { code: 'key-unsupported', message })
  })
})
