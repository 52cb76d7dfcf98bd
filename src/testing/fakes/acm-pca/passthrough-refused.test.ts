import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testName } from '../../names.ts'
import { Input } from './input.ts'
import { readPassthrough } from './passthrough.ts'
import { refusal } from './service-world.ts'

// Limits and errors of ApiPassthrough, Extensions, GeneralName and ASN1Subject in the Private CA API reference.

const SUBJECT = testName('CN=csr')

function broken(member: string, value: string, constraint: string): string {
  return `ValidationException: 1 validation error detected: Value ${value} at 'extensions.${member}' failed to satisfy constraint: ${constraint}`
}

const NO_OID = '^([0-2])\\.([0-9]|([0-3][0-9]))((\\.([0-9]+)){0,126})$'

const REFUSED: readonly (readonly [string, object, string])[] = [
  [
    'two forms of one name',
    { SubjectAlternativeNames: [{ DnsName: 'a', IpAddress: '10.0.0.1' }] },
    'InvalidArgsException: A GeneralName has exactly one form',
  ],
  ['a name of no form', { SubjectAlternativeNames: [{}] }, 'InvalidArgsException: A GeneralName has exactly one form'],
  [
    'no IP address',
    { SubjectAlternativeNames: [{ IpAddress: '10.0.0' }] },
    'InvalidArgsException: 10.0.0 is not an IP address',
  ],
  [
    'an empty list',
    { SubjectAlternativeNames: [] },
    broken('subjectAlternativeNames', "'[]'", 'Member must have length greater than or equal to 1'),
  ],
  [
    'a usage in two ways',
    { ExtendedKeyUsage: [{ ExtendedKeyUsageType: 'CLIENT_AUTH', ExtendedKeyUsageObjectIdentifier: '1.2' }] },
    'InvalidArgsException: Give either a type or an object identifier',
  ],
  ['a usage in no way', { ExtendedKeyUsage: [{}] }, 'InvalidArgsException: Give either a type or an object identifier'],
  [
    'as many usages as there may be',
    { ExtendedKeyUsage: Array(20).fill({ ExtendedKeyUsageType: 'CLIENT_AUTH' }) },
    'ok',
  ],
  [
    'too many usages',
    { ExtendedKeyUsage: Array(21).fill({ ExtendedKeyUsageType: 'CLIENT_AUTH' }) },
    broken('extendedKeyUsage', "'[...]'", 'Member must have length less than or equal to 20'),
  ],
  [
    'an extension twice',
    {
      CustomExtensions: [
        { ObjectIdentifier: '1.2.5', Value: 'BQA=' },
        { ObjectIdentifier: '1.2.5', Value: 'BQA=' },
      ],
    },
    'InvalidArgsException: An extension is given twice',
  ],
  [
    'a key usage twice',
    { KeyUsage: { CRLSign: true }, CustomExtensions: [{ ObjectIdentifier: '2.5.29.15', Value: 'AwIBBg==' }] },
    'InvalidArgsException: An extension is given twice',
  ],
  [
    'an extension that is too long',
    { CustomExtensions: [{ ObjectIdentifier: '1.2.5', Value: 'A'.repeat(4100) }] },
    broken(
      'customExtensions.1.member.value',
      `'${'A'.repeat(4100)}'`,
      'Member must have length less than or equal to 4096',
    ),
  ],
  [
    'no object identifier',
    { CustomExtensions: [{ ObjectIdentifier: 'x', Value: 'BQA=' }] },
    broken(
      'customExtensions.1.member.objectIdentifier',
      "'x'",
      `Member must satisfy regular expression pattern: ${NO_OID}`,
    ),
  ],
  [
    'no value',
    { CustomExtensions: [{ ObjectIdentifier: '1.2.5' }] },
    broken('customExtensions.1.member.value', 'null', 'Member must not be null'),
  ],
  [
    'a text for a flag',
    { CustomExtensions: [{ ObjectIdentifier: '1.2.5', Value: 'BQA=', Critical: 'true' }] },
    'SerializationException: Critical can not be converted to BOOLEAN_VALUE',
  ],
  [
    'a list that is none',
    { CustomExtensions: {} },
    'SerializationException: CustomExtensions can not be converted to a list',
  ],
  [
    'a structure that is none',
    { KeyUsage: 'all' },
    'SerializationException: Start of structure or map found where not expected',
  ],
]

describe('refused', () => {
  for (const [title, Extensions, expected] of REFUSED) {
    test(title, () => {
      assert.equal(
        refusal(() => readPassthrough(new Input({ Extensions }), SUBJECT)),
        expected,
      )
    })
  }
  test('a subject of standard and custom attributes', () => {
    const Subject = { CommonName: 'a', CustomAttributes: [{ ObjectIdentifier: '2.5.4.3', Value: 'b' }] }
    assert.match(
      refusal(() => readPassthrough(new Input({ Subject }), SUBJECT)),
      /^InvalidArgsException: Custom attributes cannot be used/,
    )
  })
  test('a country of three letters', () => {
    assert.match(
      refusal(() => readPassthrough(new Input({ Subject: { Country: 'DEU' } }), SUBJECT)),
      /at 'subject.country'.*less than or equal to 2$/,
    )
  })
})
