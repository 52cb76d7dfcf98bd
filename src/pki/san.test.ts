import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dns, email, ip, testName, uri } from '../testing/names.ts'
import { constructedTag, contextTag, TAG } from './der-reader.ts'
import { element, objectIdentifier, sequence } from './der-writer.ts'
import { PkiError } from './error.ts'
import { type GeneralName, makeSubjectAltName, parseSubjectAltName } from './san.ts'

const UPN = '1.3.6.1.4.1.311.20.2.3'

const names: readonly GeneralName[] = [
  dns('*.example.com'),
  uri('spiffe://cluster.local/ns/a/sa/b'),
  email('a@example.com'),
  ip('10.0.0.1'),
  ip('fd00::1'),
  { type: 'directory', name: testName('CN=a') },
  { type: 'other', oid: UPN, der: element(TAG.utf8String, Buffer.from('a@b')) },
  { type: 'other', oid: '1.2.3', der: sequence() },
  { type: 'registeredID', oid: '1.2.3.4' },
]

const malformed = (form: string) =>
  `the subject alternative name cannot be used: it holds a name (${form}) that is empty or malformed; correct it`
const form =
  'the subject alternative name cannot be used: it holds a name of a form that is not supported (x400Address, ediPartyName or unknown); remove it'
const der = (reason: string) => `the subject alternative name is not well-formed DER: ${reason}`

function other(...value: readonly Uint8Array[]): Uint8Array {
  return element(constructedTag(0), objectIdentifier(UPN), ...value)
}

const refused: readonly (readonly [string, Uint8Array, string, string])[] = [
  [
    'no name',
    sequence(),
    'san-invalid',
    'the subject alternative name cannot be used: it holds no name; leave the extension out instead',
  ],
  ['an empty DNS name', sequence(element(contextTag(2))), 'san-invalid', malformed('dns')],
  ['a space in a DNS name', sequence(element(contextTag(2), Buffer.from('a b'))), 'san-invalid', malformed('dns')],
  ['a NUL in a DNS name', sequence(element(contextTag(2), Buffer.from('a\0.b'))), 'san-invalid', malformed('dns')],
  [
    'a newline behind a DNS name',
    sequence(element(contextTag(2), Buffer.from('a\n'))),
    'san-invalid',
    malformed('dns'),
  ],
  ['a letter beyond ASCII', sequence(element(contextTag(2), Buffer.from('ü'))), 'san-invalid', malformed('dns')],
  ['a URI with spaces', sequence(element(contextTag(6), Buffer.from('spiffe://a b'))), 'san-invalid', malformed('uri')],
  ['an address without a host', sequence(element(contextTag(1), Buffer.from('a@'))), 'san-invalid', malformed('email')],
  [
    'an address of five octets',
    sequence(element(contextTag(7), Buffer.alloc(5))),
    'san-invalid',
    'the subject alternative name cannot be used: it holds an IP address that has neither 4 nor 16 octets',
  ],
  ['an x400Address', sequence(element(constructedTag(3))), 'san-invalid', form],
  ['an ediPartyName', sequence(element(constructedTag(5))), 'san-invalid', form],
  [
    'a constructed DNS name',
    sequence(element(constructedTag(2), element(contextTag(2), Buffer.from('a')))),
    'san-invalid',
    form,
  ],
  ['an other name without a value', sequence(other()), 'der-invalid', der("an other name's value is missing")],
  [
    'an other name with two values',
    sequence(other(element(constructedTag(0), sequence(), sequence()))),
    'der-invalid',
    der('there are bytes behind its end'),
  ],
  [
    'an other name with more fields',
    sequence(other(element(constructedTag(0), sequence()), sequence())),
    'der-invalid',
    der('there are bytes behind its end'),
  ],
  [
    'an other name that is no DER inside',
    sequence(other(element(constructedTag(0), element(TAG.sequence, Buffer.of(5))))),
    'der-invalid',
    der('it ends too early'),
  ],
  [
    'bytes behind it',
    Buffer.concat([makeSubjectAltName(names, false).der, Buffer.of(0)]),
    'der-invalid',
    der('there are bytes behind its end'),
  ],
]

const uris: readonly (readonly [string, boolean])[] = [
  ['spiffe://cluster.local/ns/a/sa/b', true],
  ['SPIFFE://Cluster.local', true],
  ['https://a.b:443/x?y=%41#z', true],
  ['https://user:pw@a.b/', true],
  ['https://[fd00::1]:443/', true],
  ['https://10.0.0.1', true],
  ['file:///a', true],
  ['urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6', true],
  ['mailto:a@b', true],
  ['', false],
  ['a', false],
  ['//a/b', false],
  ['1a:b', false],
  ['urn:', false],
  ['spiffe://a..b/', false],
  ['spiffe://.a', false],
  ['spiffe://a.', false],
  ['spiffe://a:b/', false],
  ['spiffe://a%41/', false],
  ['spiffe://a/%zz', false],
  ['spiffe://a/%4', false],
  ['spiffe://[::1', false],
  ['spiffe://[:::]', false],
  ['spiffe://[10.0.0.1]', false],
  ['spiffe://a/{b}', false],
]

describe('URIs are absolute, and Go can read their host', () => {
  for (const [value, expected] of uris) {
    test(`"${value}": ${expected}`, () => {
      const bytes = makeSubjectAltName([uri(value)], false).der
      if (expected) assert.deepEqual(parseSubjectAltName(bytes, false).names, [uri(value)])
      else assert.throws(() => parseSubjectAltName(bytes, false), { code: 'san-invalid', message: malformed('uri') })
    })
  }

  for (const tail of ['a', '/', 'a.', '%41', 'a:', '@'] as const) {
    test(`a URI of 700,000 characters is read or refused: ${tail}`, () => {
      const bytes = makeSubjectAltName([uri(`spiffe://${tail.repeat(700_000 / tail.length)}`)], false).der
      const started = process.cpuUsage()
      try {
        assert.equal(parseSubjectAltName(bytes, false).names.length, 1)
      } catch (error) {
        assert.ok(error instanceof PkiError)
      }
      assert.ok(process.cpuUsage(started).user < 1_000_000)
    })
  }
})

describe('subject alternative names', () => {
  for (const name of names) {
    test(`${name.type} ${'value' in name ? name.value : ''}`, () => {
      const made = makeSubjectAltName([name], true)
      assert.deepEqual(parseSubjectAltName(made.der, true), made)
    })
  }

  test('all forms together, in their order, and the bytes are kept', () => {
    const bytes = makeSubjectAltName(names, false).der
    const parsed = parseSubjectAltName(bytes, false)
    assert.deepEqual(parsed.names, names)
    assert.equal(parsed.der, bytes)
  })

  for (const [what, bytes, code, message] of refused) {
    test(`${what} is refused`, () =>
      assert.throws(() => parseSubjectAltName(bytes, false), { name: 'PkiError', code, message }))
  }
})
