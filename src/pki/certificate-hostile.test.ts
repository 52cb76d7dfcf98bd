import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestCertificateOptions } from '../testing/certificate-options.ts'
import { testCa, testIntermediate } from '../testing/certificates.ts'
import { schemeFor, seal } from '../testing/signing.ts'
import { parseCertificate } from './certificate.ts'
import { constructedTag } from './der-reader.ts'
import { bitString, element, nullValue, octetString, sequence, smallInteger } from './der-writer.ts'
import { type Extension, OID } from './extensions.ts'

const root = testCa()

function extension(oid: string, value: Uint8Array, critical = false): TestCertificateOptions {
  return { extensions: [{ oid, critical, value } satisfies Extension] }
}

const der = (what: string, reason: string) => ['der-invalid', `${what} is not well-formed DER: ${reason}`] as const
const forbidden = (name: string) =>
  ['extension-invalid', `the ${name} extension is marked critical, which RFC 5280 forbids`] as const

const hostileExtensions: readonly (readonly [string, TestCertificateOptions, string, string])[] = [
  [
    'an extension twice',
    { extensions: [0, 1].map(() => ({ oid: '1.2.3', critical: false, value: nullValue() })) },
    'extension-duplicate',
    'the certificate holds the extension 1.2.3 twice',
  ],
  [
    'a critical subject key identifier',
    extension(OID.subjectKeyIdentifier, octetString(Buffer.of(1)), true),
    ...forbidden('subject key identifier'),
  ],
  [
    'a critical authority key identifier',
    extension(OID.authorityKeyIdentifier, sequence(), true),
    ...forbidden('authority key identifier'),
  ],
  [
    'a path length for what is no CA',
    extension(OID.basicConstraints, sequence(smallInteger(0))),
    'extension-invalid',
    'the basic constraints give a path length to what is no CA; remove one of the two',
  ],
  [
    'a negative path length',
    extension(OID.basicConstraints, Buffer.from('30060101ff0201ff', 'hex')),
    ...der('the basic constraints extension', 'the path length is negative'),
  ],
  [
    'a cA of 1',
    extension(OID.basicConstraints, Buffer.from('3003010101', 'hex')),
    ...der('the basic constraints extension', 'cA is not a BOOLEAN of 0x00 or 0xFF'),
  ],
  [
    'bytes behind basic constraints',
    extension(OID.basicConstraints, Buffer.from('300000', 'hex')),
    ...der('the basic constraints extension', 'there are bytes behind its end'),
  ],
  [
    'bytes behind a subject key identifier',
    extension(OID.subjectKeyIdentifier, Buffer.from('04000500', 'hex')),
    ...der('the subject key identifier', 'there are bytes behind its end'),
  ],
  [
    'fields behind an authority key identifier',
    extension(OID.authorityKeyIdentifier, sequence(nullValue())),
    ...der('the authority key identifier', 'there are bytes behind its end'),
  ],
  [
    'a key usage without bits',
    extension(OID.keyUsage, bitString(Buffer.of(0))),
    ...der('the key usage extension', 'it has no bit set, or one that is not defined'),
  ],
  [
    'constraints of directory names',
    extension(
      OID.nameConstraints,
      sequence(element(constructedTag(0), sequence(element(constructedTag(4), sequence())))),
    ),
    'name-constraints-invalid',
    'the name constraints cannot be used: they hold a subtree that is no DNS name, URI, email address or IP range; remove it',
  ],
]

const unusable = (reason: string) => ['certificate-invalid', `the certificate cannot be used: ${reason}`] as const
const spki = Buffer.from(root.certificate.publicKey.spki).toString('hex')

/** Changes of the hexadecimal of a right certificate's contents, which are then framed and signed again. */
const hostileContents: readonly (readonly [string, (hex: string) => string, string, string])[] = [
  ['version 1', (hex) => hex.replace('a003020102', ''), ...unusable('it is not of version 3')],
  ['version 2', (hex) => hex.replace('a003020102', 'a003020101'), ...unusable('it is not of version 3')],
  [
    'a second version',
    (hex) => hex.replace('a003020102', 'a006020102020102'),
    ...der('the certificate', 'there are bytes behind its end'),
  ],
  [
    'a negative serial number',
    (hex) => hex.replace(/(?<=^a0030201020210)../, '80'),
    ...der('the certificate', 'its serial number is negative'),
  ],
  [
    'a serial number of 21 octets',
    (hex) => hex.replace(/(?<=^a003020102)0210/, '02157f00000000'),
    ...unusable('its serial number is longer than 20 octets'),
  ],
  [
    'another signature algorithm inside',
    (hex) => hex.replace('06082a8648ce3d040302', '06082a8648ce3d040303'),
    ...unusable('its two signature algorithms differ'),
  ],
  [
    'a time with an offset',
    (hex) => hex.replace(/(?<=170d.{24})5a/, '2b'),
    ...der('the certificate', 'its notBefore is not a time in UTC with seconds'),
  ],
  [
    'a third time',
    (hex) => hex.replace(/301e(170d.{26}170d.{26})/, '3020$10500'),
    ...der('the certificate', 'there are bytes behind its end'),
  ],
  [
    'unique identifiers',
    (hex) => hex.replace(spki, `${spki}81020001`),
    ...unusable('it has unique identifiers, which RFC 5280 forbids'),
  ],
  [
    'no extensions field but another',
    (hex) => `${hex}0500`,
    ...der('the certificate', 'there are bytes behind its end'),
  ],
  [
    'an empty list of extensions',
    (hex) => `${hex.slice(0, hex.indexOf(spki))}${spki}a3023000`,
    ...der('the certificate', 'an extension is missing'),
  ],
]

describe('a hostile certificate is refused', () => {
  for (const [what, options, code, message] of hostileExtensions) {
    test(what, () =>
      assert.throws(() => testIntermediate(root, options).certificate, { name: 'PkiError', code, message }),
    )
  }
  for (const [what, change, code, message] of hostileContents) {
    const contents = new Uint8Array(Buffer.from(root.certificate.signedData.signed).subarray(4))
    const altered = sequence(Buffer.from(change(Buffer.from(contents).toString('hex')), 'hex'))
    const resealed = seal(altered, schemeFor(root.certificate.publicKey), root.privateKey)
    test(what, () => assert.throws(() => parseCertificate(resealed), { name: 'PkiError', code, message }))
  }

  test('bytes behind it', () => {
    const longer = Buffer.concat([root.certificate.der, Buffer.of(0)])
    const message = 'the certificate is not well-formed DER: there are bytes behind its end'
    assert.throws(() => parseCertificate(longer), { code: 'der-invalid', message })
  })

  test('without extensions it is read, and is no CA', () => {
    const hex = Buffer.from(root.certificate.signedData.signed).subarray(4).toString('hex')
    const contents = sequence(Buffer.from(hex.slice(0, hex.indexOf(spki) + spki.length), 'hex'))
    const bare = parseCertificate(seal(contents, schemeFor(root.certificate.publicKey), root.privateKey))
    assert.deepEqual([bare.basicConstraints, bare.keyUsage, bare.unknownCriticalExtensions], [undefined, undefined, []])
  })
})
