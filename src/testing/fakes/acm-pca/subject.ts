import { TAG } from '../../../pki/der-reader.ts'
import { element, objectIdentifier, sequence, setOf } from '../../../pki/der-writer.ts'
import { type Name, parseName } from '../../../pki/name.ts'
import { AwsError } from './aws-error.ts'
import type { Input } from './input.ts'

interface Attribute {
  readonly member: string
  readonly oid: string
  readonly most: number
  readonly tag: number
}

function attribute(member: string, oid: string, most: number, tag: number = TAG.utf8String): Attribute {
  return { member, oid, most, tag }
}

/** ASN1Subject of the service model, with the lengths that it allows. */
const ATTRIBUTES: readonly Attribute[] = [
  attribute('Country', '2.5.4.6', 2, TAG.printableString),
  attribute('Organization', '2.5.4.10', 64),
  attribute('OrganizationalUnit', '2.5.4.11', 64),
  attribute('DistinguishedNameQualifier', '2.5.4.46', 64, TAG.printableString),
  attribute('State', '2.5.4.8', 128),
  attribute('CommonName', '2.5.4.3', 64),
  attribute('SerialNumber', '2.5.4.5', 64, TAG.printableString),
  attribute('Locality', '2.5.4.7', 128),
  attribute('Title', '2.5.4.12', 64),
  attribute('Surname', '2.5.4.4', 40),
  attribute('GivenName', '2.5.4.42', 16),
  attribute('Initials', '2.5.4.43', 5),
  attribute('Pseudonym', '2.5.4.65', 128),
  attribute('GenerationQualifier', '2.5.4.44', 3),
]

/** Either standard attributes or custom ones. @throws AwsError `InvalidArgsException`, `ValidationException` */
export function readSubject(subject: Input): Name {
  const standard = ATTRIBUTES.flatMap(({ member, oid, most, tag }) => {
    const value = subject.text(member, { most, ...(member === 'Country' && { least: 2, pattern: /^[A-Za-z]{2}$/ }) })
    return value === undefined ? [] : [rdn(oid, value, tag)]
  })
  const custom = subject
    .list('CustomAttributes', 150)
    .map((one) =>
      rdn(one.requiredText('ObjectIdentifier', { most: 64 }), one.requiredText('Value', { most: 256 }), TAG.utf8String),
    )
  if (standard.length > 0 && custom.length > 0) {
    throw new AwsError(
      'InvalidArgsException',
      'Custom attributes cannot be used in combination with standard attributes',
    )
  }
  return parseName(sequence(...standard, ...custom), 'the subject')
}

function rdn(oid: string, value: string, tag: number): Uint8Array {
  return setOf(sequence(objectIdentifier(oid), element(tag, Buffer.from(value))))
}

/** What DescribeCertificateAuthority says about the subject: the attributes that it has names for. */
export function describeSubject(name: Name): Readonly<Record<string, string>> {
  const short: Readonly<Record<string, string>> = {
    CN: 'CommonName',
    O: 'Organization',
    OU: 'OrganizationalUnit',
    C: 'Country',
    ST: 'State',
    L: 'Locality',
  }
  return Object.fromEntries(
    name.text.split(/(?<!\\),/).flatMap((part) => {
      const [type = '', value = ''] = part.split(/=(.*)/s)
      const member = short[type]
      return member === undefined ? [] : [[member, value]]
    }),
  )
}
