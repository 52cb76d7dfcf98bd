import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testName } from '../testing/names.ts'
import { TAG } from './der-reader.ts'
import { element, objectIdentifier, sequence, setOf } from './der-writer.ts'
import { mailboxesOf, parseName, sameName } from './name.ts'

const CN = '2.5.4.3'

function attribute(oid: string, tag: number, value: string | Uint8Array): Uint8Array {
  return sequence(objectIdentifier(oid), element(tag, Buffer.from(value)))
}

function commonName(tag: number, value: string | Uint8Array): Uint8Array {
  return sequence(setOf(attribute(CN, tag, value)))
}

const read: readonly (readonly [string, Uint8Array, string])[] = [
  ['no part', sequence(), ''],
  ['the most specific part first', testName('CN=istiod,O=Mesh\\, Inc').der, 'CN=istiod,O=Mesh\\, Inc'],
  [
    'a part of two attributes',
    sequence(element(TAG.set, attribute(CN, TAG.utf8String, 'a'), attribute('2.5.4.10', TAG.utf8String, 'b'))),
    'CN=a+O=b',
  ],
  ['an unknown attribute', sequence(setOf(attribute('1.2.3', TAG.utf8String, 'a'))), '1.2.3=#0c0161'],
  ['special characters', commonName(TAG.utf8String, 'a+b"c;<>\\=d'), 'CN=a\\+b\\"c\\;\\<\\>\\\\=d'],
  ['a space at both ends', commonName(TAG.utf8String, ' a b '), 'CN=\\ a b\\ '],
  ['one space', commonName(TAG.utf8String, ' '), 'CN=\\ '],
  ['a number sign in front', commonName(TAG.utf8String, '#a#'), 'CN=\\#a#'],
  ['control characters', commonName(TAG.utf8String, 'a\nb\u0000\u202e'), 'CN=a\\0ab\\00\\e2\\80\\ae'],
  ['letters beyond ASCII', commonName(TAG.utf8String, 'Zürich'), 'CN=Zürich'],
  ['PrintableString', commonName(TAG.printableString, "a'()+,-./:=?"), "CN=a'()\\+\\,-./:=?"],
  ['IA5String', commonName(TAG.ia5String, 'a@b'), 'CN=a@b'],
  ['TeletexString as Latin-1', commonName(TAG.teletexString, Buffer.of(0xfc)), 'CN=ü'],
  ['BMPString', commonName(TAG.bmpString, Buffer.of(0x20, 0xac)), 'CN=€'],
  ['NumericString', commonName(TAG.numericString, '1 2'), 'CN=1 2'],
]

const refused: readonly (readonly [string, Uint8Array, string])[] = [
  ['an empty part', sequence(setOf()), 'an attribute of a name is missing'],
  ['a part that is no SET', sequence(sequence()), 'a part of a name has an unexpected type'],
  [
    'a third field',
    sequence(setOf(sequence(objectIdentifier(CN), element(TAG.utf8String), sequence()))),
    'there are bytes behind its end',
  ],
  ['bytes behind it', Buffer.concat([sequence(), Buffer.of(0)]), 'there are bytes behind its end'],
  ['a value that is no string', commonName(TAG.octetString, 'a'), 'a name has a value that is not a valid string'],
  ['broken UTF-8', commonName(TAG.utf8String, Buffer.of(0xc3)), 'a name has a value that is not a valid string'],
  [
    'an @ in a PrintableString',
    commonName(TAG.printableString, 'a@b'),
    'a name has a value that is not a valid string',
  ],
  [
    'Latin-1 in an IA5String',
    commonName(TAG.ia5String, Buffer.of(0xe9)),
    'a name has a value that is not a valid string',
  ],
  [
    'half a character of a BMPString',
    commonName(TAG.bmpString, 'abc'),
    'a name has a value that is not a valid string',
  ],
  ['more than 4096 octets', commonName(TAG.utf8String, 'a'.repeat(5000)), 'a name is longer than 4096 octets'],
]

describe('names', () => {
  for (const [what, der, text] of read) {
    test(what, () => assert.deepEqual(parseName(der, 'it'), { der, text, empty: text === '' }))
  }
  for (const [what, der, reason] of refused) {
    const expected = { name: 'PkiError', code: 'der-invalid', message: `it is not well-formed DER: ${reason}` }
    test(`${what} is refused`, () => assert.throws(() => parseName(der, 'it'), expected))
  }

  test('its mailboxes are those that can be compared, and a gap for each that cannot', () => {
    const mail = (tag: number, value: string) => attribute('1.2.840.113549.1.9.1', tag, value)
    const der = sequence(
      setOf(mail(TAG.ia5String, 'a@b')),
      setOf(attribute(CN, TAG.utf8String, 'emailAddress=c@d')),
      element(TAG.set, mail(TAG.utf8String, 'e@f'), attribute(CN, TAG.utf8String, 'g'), mail(TAG.ia5String, 'h@i')),
    )
    assert.deepEqual(mailboxesOf(parseName(der, 'it')), ['a@b', undefined, 'h@i'])
    assert.deepEqual(mailboxesOf(testName('CN=a@b')), [])
  })

  test('names are the same only when their bytes are', () => {
    const [utf8, printable] = [TAG.utf8String, TAG.printableString].map((tag) => parseName(commonName(tag, 'a'), 'it'))
    assert.ok(utf8 && printable)
    assert.equal(utf8.text, printable.text)
    assert.equal(sameName(utf8, printable), false)
    assert.equal(sameName(utf8, testName('CN=a')), true)
  })
})
