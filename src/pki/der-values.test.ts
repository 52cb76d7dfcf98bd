import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DerReader } from './der-reader.ts'
import {
  readBitString,
  readBoolean,
  readFlag,
  readFlags,
  readNumber,
  readOid,
  readTime,
  readUnsigned,
} from './der-values.ts'
import { flags, objectIdentifier, smallInteger, time, unsignedInteger } from './der-writer.ts'

type Read = (reader: DerReader, field: string) => unknown
type Row = readonly [what: string, read: Read, bytes: string, expected: unknown]

function reader(bytes: string): DerReader {
  return new DerReader(Buffer.from(bytes.replaceAll(' ', ''), 'hex'), 'it')
}

function ascii(tag: string, text: string): string {
  return `${tag} ${text.length.toString(16).padStart(2, '0')} ${Buffer.from(text).toString('hex')}`
}

const accepted: readonly Row[] = [
  ['zero', readNumber, '02 01 00', 0],
  ['the largest number', readNumber, '02 04 7f ff ff ff', 0x7fffffff],
  ['an unsigned integer with its sign octet', readUnsigned, '02 02 00 80', Buffer.of(0x80)],
  ['true', readBoolean, '01 01 ff', true],
  ['an absent flag', readFlag, '02 01 00', false],
  ['a flag written though it is false', readFlag, '01 01 00', false],
  ['whole octets', readBitString, '03 03 00 01 02', Buffer.of(1, 2)],
  ['flags', readFlags, '03 03 07 06 80', [5, 6, 8]],
  ['flags with trailing zero bits', readFlags, '03 02 00 80', [0]],
  ['no flag', readFlags, '03 01 00', []],
  ['an OID', readOid, '06 06 2a 86 48 86 f7 0d', '1.2.840.113549'],
  ['an OID below 2.', readOid, '06 03 88 37 03', '2.999.3'],
  ['an arc of 31 bits', readOid, '06 06 2a 87 ff ff ff 7f', '1.2.2147483647'],
  ['a UTCTime of this century', readTime, ascii('17', '491231235959Z'), Date.UTC(2049, 11, 31, 23, 59, 59)],
  ['a UTCTime of the last', readTime, ascii('17', '500101000000Z'), Date.UTC(1950, 0, 1)],
  ['a GeneralizedTime', readTime, ascii('18', '99991231235959Z'), Date.UTC(9999, 11, 31, 23, 59, 59)],
  ['a leap day', readTime, ascii('18', '20240229000000Z'), Date.UTC(2024, 1, 29)],
]

const refused: readonly Row[] = [
  ['an empty integer', readNumber, '02 00', 'f is an empty INTEGER'],
  ['a padded integer', readNumber, '02 02 00 7f', 'f is an INTEGER that is not in its shortest form'],
  ['a padded negative integer', readNumber, '02 02 ff 80', 'f is an INTEGER that is not in its shortest form'],
  ['a negative integer', readNumber, '02 01 80', 'f is negative'],
  ['a number of 32 bits', readNumber, '02 05 00 80 00 00 00', 'f is too large'],
  ['a huge number', readNumber, `02 40 ${'7f'.repeat(64)}`, 'f is too large'],
  ['a BER true', readBoolean, '01 01 01', 'f is not a BOOLEAN of 0x00 or 0xFF'],
  ['a long boolean', readBoolean, '01 02 ff ff', 'f is not a BOOLEAN of 0x00 or 0xFF'],
  ['unused bits in a signature', readBitString, '03 02 01 80', 'f is not a BIT STRING of whole octets'],
  ['an empty BIT STRING', readBitString, '03 00', 'f is not a BIT STRING of whole octets'],
  ['eight unused bits', readFlags, '03 02 08 00', 'f is not a BIT STRING with its unused bits zero'],
  ['unused bits that are set', readFlags, '03 02 07 c0', 'f is not a BIT STRING with its unused bits zero'],
  ['unused bits of nothing', readFlags, '03 01 01', 'f is not a BIT STRING with its unused bits zero'],
  ['flags without an initial octet', readFlags, '03 00', 'f is not a BIT STRING with its unused bits zero'],
  ['too many flags', readFlags, `03 06 00 ${'ff'.repeat(5)}`, 'f has too many bits'],
  ['an empty OID', readOid, '06 00', 'f is an OBJECT IDENTIFIER that ends too early'],
  ['an OID cut off', readOid, '06 02 2a 86', 'f is an OBJECT IDENTIFIER that ends too early'],
  ['a padded arc', readOid, '06 03 2a 80 01', 'f is an OBJECT IDENTIFIER that is not in its shortest form'],
  [
    'an arc above 31 bits',
    readOid,
    '06 06 2a 88 80 80 80 00',
    'f is an OBJECT IDENTIFIER with an arc that is too large',
  ],
  ['a UTCTime without seconds', readTime, ascii('17', '2601010000Z'), 'f is not a time in UTC with seconds'],
  ['a UTCTime with an offset', readTime, ascii('17', '260101000000+0100'), 'f is not a time in UTC with seconds'],
  ['a fraction of a second', readTime, ascii('18', '20260101000000.5Z'), 'f is not a time in UTC with seconds'],
  ['a GeneralizedTime without Z', readTime, ascii('18', '20260101000000'), 'f is not a time in UTC with seconds'],
  ['a month 13', readTime, ascii('17', '261301000000Z'), 'f is not a time that exists'],
  ['a month 0', readTime, ascii('17', '260001000000Z'), 'f is not a time that exists'],
  ['30 February', readTime, ascii('17', '260230000000Z'), 'f is not a time that exists'],
  ['day 0', readTime, ascii('17', '260200000000Z'), 'f is not a time that exists'],
  ['hour 24', readTime, ascii('17', '260101240000Z'), 'f is not a time that exists'],
  ['second 60', readTime, ascii('17', '260101000060Z'), 'f is not a time that exists'],
  ['another type for a time', readTime, '02 01 00', 'f has an unexpected type'],
]

describe('values that are read', () => {
  for (const [what, read, bytes, expected] of accepted)
    test(what, () => assert.deepEqual(read(reader(bytes), 'f'), expected))
})

describe('values that are refused', () => {
  for (const [what, read, bytes, reason] of refused) {
    const expected = { name: 'PkiError', code: 'der-invalid', message: `it is not well-formed DER: ${reason}` }
    test(what, () => assert.throws(() => read(reader(bytes), 'f'), expected))
  }
})

describe('the writer is read back', () => {
  const arc = fc.integer({ min: 0, max: 0x7fffffff })

  test('numbers', () =>
    fc.assert(
      fc.property(arc, (value) => assert.equal(readNumber(new DerReader(smallInteger(value), 'it'), 'f'), value)),
    ))

  test('magnitudes, without leading zeros', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (magnitude) => {
        const read = readUnsigned(new DerReader(unsignedInteger(magnitude), 'it'), 'f')
        const digits = Buffer.from(magnitude)
          .toString('hex')
          .replace(/^(?:00)+/, '')
        assert.equal(Buffer.from(read).toString('hex'), digits === '' ? '00' : digits)
      }),
    )
  })

  test('flags', () => {
    const bits = fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { minLength: 1 })
    fc.assert(fc.property(bits, (set) => assert.deepEqual(readFlags(new DerReader(flags(set), 'it'), 'f'), set.sort())))
  })

  test('object identifiers', () => {
    const top = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }))
    fc.assert(
      fc.property(top, fc.array(arc, { maxLength: 6 }), (two, rest) => {
        const oid = [...two, ...rest].join('.')
        assert.equal(readOid(new DerReader(objectIdentifier(oid), 'it'), 'f'), oid)
      }),
    )
  })

  test('times, as UTCTime until 2049', () => {
    const seconds = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
    fc.assert(
      fc.property(seconds, (second) => {
        const der = time(second * 1000)
        assert.equal(readTime(new DerReader(der, 'it'), 'f'), second * 1000)
        assert.equal(der[0], second * 1000 < Date.UTC(2050, 0, 1) ? 0x17 : 0x18)
      }),
      { examples: [[Date.UTC(2050, 0, 1) / 1000], [Date.UTC(2050, 0, 1) / 1000 - 1]] },
    )
  })

  for (const [what, instant] of [
    ['a fraction of a second', 1500],
    ['before 1950', -1e12],
    ['no instant', Number.NaN],
  ] as const) {
    test(`${what} cannot be written`, () => assert.throws(() => time(instant), { code: 'time-invalid' }))
  }

  for (const oid of ['', '1', '1.x', '1..2', '3.1', '1.40', '1.02']) {
    test(`"${oid}" is no object identifier`, () => assert.throws(() => objectIdentifier(oid), { code: 'oid-invalid' }))
  }
})
