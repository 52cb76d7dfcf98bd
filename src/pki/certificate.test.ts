import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, testName } from '../testing/names.ts'
import { publicKeyOf, testScheme } from '../testing/signing.ts'
import { isSelfSigned, isSignedBy, parseCertificate, parseCertificates } from './certificate.ts'
import { constructedTag, contextTag } from './der-reader.ts'
import { bitString, element, nullValue, objectIdentifier, sequence } from './der-writer.ts'
import { OID } from './extensions.ts'
import { publicKeyFromSpki, subjectKeyIdentifier } from './public-key.ts'
import { makeSubjectAltName } from './san.ts'

const keys = testKeys()
const root = testCa({ subject: 'CN=Root,O=Mesh' })

describe('a certificate', () => {
  test('is read whole', () => {
    const made = testIntermediate(root, {
      subject: 'CN=Below',
      serialNumber: Buffer.of(0x80, 1),
      names: [dns('a')],
      extKeyUsage: ['1.3.6.1.5.5.7.3.1'],
      nameConstraints: constraints({ dnsDomains: ['a'] }),
      extensions: [
        { oid: OID.certificatePolicies, critical: true, value: sequence(sequence(objectIdentifier('1.2.5'))) },
        { oid: '1.2.3', critical: false, value: nullValue() },
        { oid: '1.2.4', critical: true, value: nullValue() },
      ],
    })
    const { der, pem, fingerprint, publicKey, signedData, ...rest } = made.certificate
    assert.equal(pem, made.certificatePem)
    assert.match(fingerprint, /^[0-9a-f]{64}$/)
    assert.deepEqual(publicKey.spki, publicKeyOf(made.privateKey).spki)
    const framed = sequence(signedData.signed, signedData.algorithmIdentifier, bitString(signedData.signature))
    assert.deepEqual(framed, der)
    assert.deepEqual(rest, {
      serialNumber: '8001',
      subject: testName('CN=Below'),
      issuer: testName('CN=Root,O=Mesh'),
      notBefore: TEST_NOW - 86_400_000,
      notAfter: TEST_NOW + 90 * 86_400_000,
      basicConstraints: { cA: true, pathLength: 0 },
      keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
      extKeyUsage: ['1.3.6.1.5.5.7.3.1'],
      subjectKeyIdentifier: subjectKeyIdentifier(publicKeyOf(made.privateKey)),
      authorityKeyIdentifier: subjectKeyIdentifier(publicKeyOf(root.privateKey)),
      subjectAltName: makeSubjectAltName([dns('a')], false),
      nameConstraints: constraints({ dnsDomains: ['a'] }),
      signatureAlgorithm: '1.2.840.10045.4.3.2',
      authorityCertificate: undefined,
      peerFault: undefined,
      unknownCriticalExtensions: ['1.2.4'],
    })
  })

  test('two of one DER are deeply equal, and a copy keeps its text', () => {
    const again = parseCertificate(root.certificate.der)
    assert.deepEqual(again, root.certificate)
    assert.equal({ ...again, notAfter: 0 }.pem, root.certificatePem)
  })

  test('several are read in their order', () => {
    const below = testIntermediate(root)
    const read = parseCertificates(`${below.certificatePem}\n${root.certificatePem}`)
    assert.deepEqual(
      read.map(({ subject }) => subject.text),
      ['CN=Test Intermediate', 'CN=Root,O=Mesh'],
    )
  })

  test('an authority key identifier may name the issuer in another way', () => {
    const name = testName('CN=a').der
    const value = sequence(
      element(constructedTag(1), element(contextTag(2), Buffer.from('a.b')), element(constructedTag(4), name)),
      element(contextTag(2), Buffer.of(0, 0x80)),
    )
    const made = testIntermediate(root, { extensions: [{ oid: OID.authorityKeyIdentifier, critical: false, value }] })
    const { authorityKeyIdentifier, authorityCertificate } = made.certificate
    assert.deepEqual([authorityKeyIdentifier, authorityCertificate], [undefined, { issuer: name, serialNumber: '80' }])
  })
})

describe('who signed it', () => {
  const below = testIntermediate(root).certificate
  const namesake = testCa({ subject: 'CN=Root,O=Mesh', key: keys('ECDSA-P256', 'another') }).certificate
  const sha1 = testScheme('1.2.840.113549.1.1.5', 'sha1', nullValue())
  const old = testCa({ subject: 'CN=Old', key: keys('RSA', 'old'), scheme: sha1 })

  test('its issuer', () => assert.equal(isSignedBy(below, root.certificate), true))
  test('not a namesake of its issuer', () => assert.equal(isSignedBy(below, namesake), false))
  test('not itself', () => assert.equal(isSelfSigned(below), false))
  test('a root signed itself', () => assert.equal(isSelfSigned(root.certificate), true))
  test('a root that names another key or certificate as its issuer is not self-signed', () => {
    const naming = (...fields: readonly Uint8Array[]): boolean => {
      const extensions = [{ oid: OID.authorityKeyIdentifier, critical: false, value: sequence(...fields) }]
      return isSelfSigned(testCa({ serialNumber: Buffer.of(5), extensions }).certificate)
    }
    const key = element(contextTag(0), Buffer.from('another'))
    const serials = [4, 5].map((serial) => element(contextTag(2), Buffer.of(serial)))
    assert.deepEqual([naming(key), ...serials.map((serial) => naming(serial))], [false, false, true])
  })
  test('SHA-1 counts on a root', () => assert.equal(isSelfSigned(old.certificate), true))
  test('SHA-1 does not count below it', () =>
    assert.equal(isSignedBy(testIntermediate(old, { scheme: sha1 }).certificate, old.certificate), false))
  test('key identifiers that differ do not fit', () => {
    const value = sequence(element(contextTag(0), Buffer.from('another')))
    const odd = testIntermediate(root, { extensions: [{ oid: OID.authorityKeyIdentifier, critical: false, value }] })
    assert.equal(isSignedBy(odd.certificate, root.certificate), false)
  })
  const named = (name: string, serial: number): boolean => {
    const issuer = element(constructedTag(1), element(constructedTag(4), testName(name).der))
    const value = sequence(issuer, element(contextTag(2), Buffer.of(serial)))
    const extensions = [{ oid: OID.authorityKeyIdentifier, critical: false, value }]
    const signer = testCa({ subject: 'CN=Root,O=Mesh', serialNumber: Buffer.of(5) })
    return isSignedBy(testIntermediate(signer, { extensions }).certificate, signer.certificate)
  }
  test('issuer and serial number of its issuer fit', () => assert.equal(named('CN=Root,O=Mesh', 5), true))
  test('the serial number of its issuer before a renewal does not', () =>
    assert.equal(named('CN=Root,O=Mesh', 4), false))
  test('nor does another issuer of it', () => assert.equal(named('CN=Other', 5), false))
  test('a missing key identifier fits', () => {
    assert.equal(
      isSignedBy(testIntermediate(root, { without: [OID.authorityKeyIdentifier] }).certificate, root.certificate),
      true,
    )
  })
  test('an issuer whose key cannot be used signed nothing', () => {
    const { spki } = root.certificate.publicKey
    const bent = publicKeyFromSpki(Buffer.from(spki).fill(1, spki.length - 64))
    const issuer = { ...root.certificate, publicKey: bent }
    assert.equal(isSignedBy(testIntermediate(root).certificate, issuer), false)
  })
  test('a self-issued certificate with another’s signature is not self-signed', () => {
    const crossed = testIntermediate(root, { subject: 'CN=Root,O=Mesh', key: keys('ECDSA-P256', 'new') })
    assert.deepEqual(
      [isSelfSigned(crossed.certificate), isSignedBy(crossed.certificate, root.certificate)],
      [false, true],
    )
  })
})
