import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestCsrOptions } from '../testing/certificate-options.ts'
import { testCsr, testExtensionRequest } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { dns } from '../testing/names.ts'
import { testScheme } from '../testing/signing.ts'
import { parseCertificationRequest } from './csr.ts'
import { TAG } from './der-reader.ts'
import { element, nullValue, objectIdentifier, sequence, setOf, smallInteger } from './der-writer.ts'
import { type Extension, OID } from './extensions.ts'
import { encodePem } from './pem.ts'
import { makeSubjectAltName } from './san.ts'

const keys = testKeys()
const SHA256_RSA = '1.2.840.113549.1.1.11'

function san(name: string): Extension {
  return { oid: OID.subjectAltName, critical: false, value: makeSubjectAltName([dns(name)], false).der }
}

function attribute(oid: string, ...values: readonly Uint8Array[]): Uint8Array {
  return sequence(objectIdentifier(oid), setOf(...values))
}

type Row = readonly [what: string, options: TestCsrOptions, code: string, message: string]

const cannot = (reason: string) => ['csr-invalid', `the CSR cannot be used: ${reason}`] as const
const broken = (reason: string) => ['der-invalid', `the CSR is not well-formed DER: ${reason}`] as const
const unsigned = (reason: string) => ['csr-signature', `the CSR's signature ${reason}; make the CSR anew`] as const
const plain = testCsr()

const hostile: readonly Row[] = [
  [
    'two extension requests',
    { names: [dns('a')], attributes: [testExtensionRequest([san('b')])] },
    ...cannot('it holds an attribute twice, so that readers may see different names in it'),
  ],
  [
    'an extension request of two values',
    { attributes: [testExtensionRequest([san('a')], [san('b')])] },
    ...cannot('its extension request has two values, so that readers may see different names in it'),
  ],
  [
    'an extension request without a value',
    { attributes: [testExtensionRequest()] },
    ...broken('its extension request is missing'),
  ],
  [
    'an extension request in Microsoft’s way',
    { names: [dns('a')], attributes: [attribute('1.3.6.1.4.1.311.2.1.14', sequence())] },
    ...cannot('it asks for extensions in the way of old Windows tools; make it anew with another tool'),
  ],
  [
    'another attribute twice',
    { attributes: [attribute('1.2.3', nullValue()), attribute('1.2.3', nullValue())] },
    ...cannot('it holds an attribute twice, so that readers may see different names in it'),
  ],
  [
    'an attribute of three fields',
    { attributes: [sequence(objectIdentifier('1.2.3'), setOf(nullValue()), nullValue())] },
    ...broken('there are bytes behind its end'),
  ],
  [
    'an attribute that is no DER inside',
    { attributes: [attribute('1.2.3', element(TAG.sequence, Buffer.of(5)))] },
    ...broken('it ends too early'),
  ],
  [
    'two SAN extensions',
    { names: [dns('a')], extensions: [san('b')] },
    'extension-duplicate',
    'the CSR holds the extension 2.5.29.17 twice',
  ],
  [
    'an unknown extension twice',
    {
      extensions: [
        { oid: '1.2.3', critical: false, value: nullValue() },
        { oid: '1.2.3', critical: false, value: nullValue() },
      ],
    },
    'extension-duplicate',
    'the CSR holds the extension 1.2.3 twice',
  ],
  [
    'an unknown critical extension',
    { extensions: [{ oid: '1.2.3', critical: true, value: nullValue() }] },
    ...cannot('it holds the critical extension 1.2.3, which is not known here; remove it'),
  ],
  [
    'a critical authority key identifier',
    { extensions: [{ oid: OID.authorityKeyIdentifier, critical: true, value: sequence() }] },
    ...cannot('it holds the critical extension 2.5.29.35, which is not known here; remove it'),
  ],
  [
    'a path length for what is no CA',
    { extensions: [{ oid: OID.basicConstraints, critical: true, value: sequence(smallInteger(0)) }] },
    'extension-invalid',
    'the basic constraints give a path length to what is no CA; remove one of the two',
  ],
  [
    'an empty SAN',
    { extensions: [{ oid: OID.subjectAltName, critical: false, value: sequence() }] },
    'san-invalid',
    'the subject alternative name cannot be used: it holds no name; leave the extension out instead',
  ],
  [
    'SHA-1',
    { key: keys('RSA', 'csr'), scheme: testScheme('1.2.840.113549.1.1.5', 'sha1', nullValue()) },
    ...unsigned('is made with SHA-1, which is no longer safe'),
  ],
  [
    'the signature of another key type',
    { scheme: testScheme(SHA256_RSA, 'sha256', nullValue()) },
    ...unsigned('cannot have been made with the ECDSA P-256 key'),
  ],
  [
    'another hash than it says',
    { scheme: testScheme('1.2.840.10045.4.3.3', 'sha256') },
    ...unsigned('does not match the ECDSA P-256 key'),
  ],
  [
    'parameters that ECDSA does not have',
    { scheme: testScheme('1.2.840.10045.4.3.2', 'sha256', nullValue()) },
    ...unsigned('is made with an algorithm that is not supported'),
  ],
  [
    'an algorithm that is not known',
    { scheme: testScheme('1.2.3', 'sha256') },
    ...unsigned('is made with an algorithm that is not supported'),
  ],
  ['another version', { alter: (info) => replaced(info, '020100', '020101') }, ...cannot('it is not of version 1')],
  [
    'no attributes',
    { alter: (info) => sequence(info.subarray(2, -2)) },
    ...broken('its list of attributes is missing'),
  ],
  [
    'fields behind the attributes',
    { alter: (info) => sequence(info.subarray(2), nullValue()) },
    ...broken('there are bytes behind its end'),
  ],
]

function replaced(der: Uint8Array, from: string, to: string): Uint8Array {
  return Buffer.from(Buffer.from(der).toString('hex').replace(from, to), 'hex')
}

function repacked(change: (der: Buffer) => Uint8Array): string {
  return encodePem('CERTIFICATE REQUEST', change(Buffer.from(plain.csr.der)))
}

const texts: readonly (readonly [string, string, string, string])[] = [
  [
    'bytes behind the DER',
    repacked((der) => Buffer.concat([der, Buffer.of(0)])),
    ...broken('there are bytes behind its end'),
  ],
  [
    'a second block',
    plain.csrPem + testCsr({ subject: 'CN=b' }).csrPem,
    'pem-invalid',
    'the PEM text cannot be read: it holds more than one CERTIFICATE REQUEST block; give exactly one',
  ],
  [
    'the label CERTIFICATE',
    plain.csrPem.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'),
    'pem-label',
    'the PEM text holds a block that is not a CERTIFICATE REQUEST; remove it',
  ],
  [
    'the label NEW CERTIFICATE REQUEST',
    plain.csrPem.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'),
    'pem-label',
    'the PEM text holds a block that is not a CERTIFICATE REQUEST; remove it',
  ],
  [
    'another signature',
    repacked((der) => Buffer.concat([der.subarray(0, -1), Buffer.of((der.at(-1) ?? 0) ^ 1)])),
    ...unsigned('does not match the ECDSA P-256 key'),
  ],
  ['nothing', '', 'pem-invalid', 'the PEM text cannot be read: it is empty; give a CERTIFICATE REQUEST block'],
]

describe('a hostile request is refused in one sentence', () => {
  for (const [what, options, code, message] of hostile) {
    const { csrPem } = testCsr(options)
    test(what, () => assert.throws(() => parseCertificationRequest(csrPem), { name: 'PkiError', code, message }))
  }
  for (const [what, pem, code, message] of texts) {
    test(what, () => assert.throws(() => parseCertificationRequest(pem), { name: 'PkiError', code, message }))
  }
})
