import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testCsr, testExtensionRequest } from '../testing/certificates.ts'
import { type TestKeyKind, testKeys } from '../testing/keys.ts'
import { constraints, dns, ip, testName, uri } from '../testing/names.ts'
import { publicKeyOf } from '../testing/signing.ts'
import { TAG } from './der-reader.ts'
import { element, nullValue, objectIdentifier, octetString, sequence, setOf } from './der-writer.ts'
import { OID } from './extensions.ts'
import { encodePem } from './pem.ts'
import { type GeneralName, makeSubjectAltName } from './san.ts'

const keys = testKeys()

const other: GeneralName = {
  type: 'other',
  oid: '1.3.6.1.4.1.311.20.2.3',
  der: element(TAG.utf8String, Buffer.from('a@b')),
}

describe('a request', () => {
  test('is read whole', () => {
    const names = [dns('a.example.com'), uri('spiffe://cluster.local/ns/a/sa/b'), ip('10.0.0.1'), other]
    const nameConstraints = constraints({ uriDomains: ['cluster.local'] })
    const made = testCsr({
      subject: 'CN=a,O=b',
      names,
      keyUsage: ['digitalSignature', 'keyCertSign'],
      extKeyUsage: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'],
      isCA: true,
      pathLength: 0,
      nameConstraints,
      extensions: [
        { oid: OID.subjectKeyIdentifier, critical: false, value: octetString(Buffer.from('id')) },
        { oid: '1.2.3', critical: false, value: nullValue() },
      ],
    })
    const { der, pem, publicKey, ...rest } = made.csr
    assert.equal(pem, made.csrPem)
    assert.equal(encodePem('CERTIFICATE REQUEST', der), made.csrPem)
    assert.deepEqual(publicKey.spki, publicKeyOf(made.privateKey).spki)
    assert.deepEqual(rest, {
      subject: testName('CN=a,O=b'),
      subjectAltName: makeSubjectAltName(names, false),
      keyUsage: ['digitalSignature', 'keyCertSign'],
      extKeyUsage: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'],
      basicConstraints: { cA: true, pathLength: 0 },
      nameConstraints,
      subjectKeyIdentifier: Buffer.from('id'),
      otherExtensions: ['1.2.3'],
    })
  })

  test('may ask for nothing', () => {
    const { subjectAltName, keyUsage, extKeyUsage, basicConstraints, nameConstraints, otherExtensions } = testCsr().csr
    const nothing = [subjectAltName, keyUsage, extKeyUsage, basicConstraints, nameConstraints]
    assert.deepEqual([...nothing, otherExtensions], [undefined, undefined, undefined, undefined, undefined, []])
    assert.equal('subjectKeyIdentifier' in testCsr().csr, false)
  })

  test('may have other attributes, and an empty subject', () => {
    const challenge = sequence(
      objectIdentifier('1.2.840.113549.1.9.7'),
      setOf(element(TAG.utf8String, Buffer.from('secret'))),
    )
    const { subject, subjectAltName } = testCsr({ subject: '', names: [dns('a')], attributes: [challenge] }).csr
    assert.deepEqual([subject.empty, subjectAltName?.critical], [true, true])
  })

  test('may hold an extension request without extensions', () => {
    assert.deepEqual(testCsr({ attributes: [testExtensionRequest([])] }).csr.otherExtensions, [])
  })

  const kinds: readonly TestKeyKind[] = [
    'RSA',
    'RSA-1024',
    'ECDSA-P256',
    'ECDSA-P384',
    'ECDSA-P521',
    'Ed25519',
    'ECDSA-secp256k1',
    'Ed448',
  ]
  for (const kind of kinds) {
    test(`of a key of kind ${kind} is verified; whether it is allowed is for the policy to say`, () => {
      const { csr } = testCsr({ key: keys(kind, 'csr') })
      assert.deepEqual(csr.publicKey.spki, publicKeyOf(keys(kind, 'csr')).spki)
    })
  }
})
