import { TAG } from '../../../pki/der-reader.ts'
import { element, objectIdentifier, sequence } from '../../../pki/der-writer.ts'
import { PkiError } from '../../../pki/error.ts'
import { type Extension, OID } from '../../../pki/extensions.ts'
import { parseIp } from '../../../pki/ip.ts'
import { encodeExtKeyUsage, encodeKeyUsage, type KeyUsage } from '../../../pki/key-usage.ts'
import type { Name } from '../../../pki/name.ts'
import { type GeneralName, makeSubjectAltName } from '../../../pki/san.ts'
import { AwsError } from './aws-error.ts'
import type { Input } from './input.ts'
import { readSubject } from './subject.ts'

/** ApiPassthrough of the service model. */
export interface Passthrough {
  readonly subject?: Name
  readonly extensions: readonly Extension[]
}

const KEY_USAGES: Readonly<Record<string, KeyUsage>> = {
  DigitalSignature: 'digitalSignature',
  NonRepudiation: 'contentCommitment',
  KeyEncipherment: 'keyEncipherment',
  DataEncipherment: 'dataEncipherment',
  KeyAgreement: 'keyAgreement',
  KeyCertSign: 'keyCertSign',
  CRLSign: 'cRLSign',
  EncipherOnly: 'encipherOnly',
  DecipherOnly: 'decipherOnly',
}

const EXTENDED: Readonly<Record<string, string>> = {
  SERVER_AUTH: '1.3.6.1.5.5.7.3.1',
  CLIENT_AUTH: '1.3.6.1.5.5.7.3.2',
  CODE_SIGNING: '1.3.6.1.5.5.7.3.3',
  EMAIL_PROTECTION: '1.3.6.1.5.5.7.3.4',
  TIME_STAMPING: '1.3.6.1.5.5.7.3.8',
  OCSP_SIGNING: '1.3.6.1.5.5.7.3.9',
  SMART_CARD_LOGIN: '1.3.6.1.4.1.311.20.2.2',
  DOCUMENT_SIGNING: '1.3.6.1.5.5.7.3.36',
  CERTIFICATE_TRANSPARENCY: '1.3.6.1.4.1.11129.2.4.4',
}

const CPS = '1.3.6.1.5.5.7.2.1'
const OBJECT_IDENTIFIER = { most: 64, pattern: /^([0-2])\.([0-9]|([0-3][0-9]))((\.([0-9]+)){0,126})$/ } as const
const BASE64 = {
  least: 1,
  most: 4096,
  pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
} as const

/**
 * Names are critical where the certificate will have no other subject (RFC 5280 4.2.1.6).
 * @throws AwsError `ValidationException`; `InvalidArgsException` for what fits the model and cannot be encoded
 */
export function readPassthrough(passthrough: Input | undefined, csrSubject: Name): Passthrough {
  if (passthrough === undefined) return { extensions: [] }
  try {
    const given = passthrough.structure('Subject')
    const extensions = passthrough.structure('Extensions')
    const subject = given === undefined ? undefined : readSubject(given)
    return {
      ...(subject !== undefined && { subject }),
      extensions: extensions === undefined ? [] : readExtensions(extensions, (subject ?? csrSubject).empty),
    }
  } catch (error) {
    if (error instanceof PkiError) throw invalid(error.message)
    throw error
  }
}

function readExtensions(extensions: Input, subjectEmpty: boolean): readonly Extension[] {
  const policies = extensions.list('CertificatePolicies', 20).map(policy)
  const purposes = extensions.list('ExtendedKeyUsage', 20).map(purpose)
  const usage = extensions.structure('KeyUsage')
  const names = extensions.list('SubjectAlternativeNames', 150).map(generalName)
  const all: readonly Extension[] = [
    ...(policies.length === 0 ? [] : [extension(OID.certificatePolicies, sequence(...policies))]),
    ...(purposes.length === 0 ? [] : [extension(OID.extKeyUsage, encodeExtKeyUsage(purposes))]),
    ...(usage === undefined ? [] : keyUsage(usage)),
    ...(names.length === 0
      ? []
      : [{ ...extension(OID.subjectAltName, makeSubjectAltName(names, false).der), critical: subjectEmpty }]),
    ...extensions.list('CustomExtensions', 150).map(custom),
  ]
  if (new Set(all.map(({ oid }) => oid)).size < all.length) throw invalid('An extension is given twice')
  return all
}

function extension(oid: string, value: Uint8Array): Extension {
  return { oid, critical: false, value }
}

function keyUsage(usage: Input): readonly Extension[] {
  const usages = Object.entries(KEY_USAGES).flatMap(([member, bit]) => (usage.flag(member) === true ? [bit] : []))
  return usages.length === 0 ? [] : [{ oid: OID.keyUsage, critical: true, value: encodeKeyUsage(usages) }]
}

function purpose(usage: Input): string {
  const type = usage.text('ExtendedKeyUsageType', { oneOf: Object.keys(EXTENDED) })
  const oid = usage.text('ExtendedKeyUsageObjectIdentifier', OBJECT_IDENTIFIER)
  const [one, other] = [type && EXTENDED[type], oid].filter((value) => value !== undefined)
  if (one === undefined || one === '' || other !== undefined)
    throw invalid('Give either a type or an object identifier')
  return one
}

function policy(information: Input): Uint8Array {
  const qualifiers = information.list('PolicyQualifiers', 20).map((one) => {
    one.requiredText('PolicyQualifierId', { oneOf: ['CPS'] })
    const uri = one.requiredStructure('Qualifier').requiredText('CpsUri', { most: 256 })
    return sequence(objectIdentifier(CPS), element(TAG.ia5String, Buffer.from(uri)))
  })
  const oid = objectIdentifier(information.requiredText('CertPolicyId', OBJECT_IDENTIFIER))
  return qualifiers.length === 0 ? sequence(oid) : sequence(oid, sequence(...qualifiers))
}

function custom(one: Input): Extension {
  return {
    oid: one.requiredText('ObjectIdentifier', OBJECT_IDENTIFIER),
    critical: one.flag('Critical') ?? false,
    value: Buffer.from(one.requiredText('Value', BASE64), 'base64'),
  }
}

/** Providing more than one form, or none, is an InvalidArgsException. EdiPartyName is not done here. */
function generalName(name: Input): GeneralName {
  const forms: readonly (GeneralName | undefined)[] = [
    named('dns', name.text('DnsName', { most: 253 })),
    named('email', name.text('Rfc822Name', { most: 256 })),
    named('uri', name.text('UniformResourceIdentifier', { most: 253 })),
    address(name.text('IpAddress', { most: 39 })),
    directory(name.structure('DirectoryName')),
    registered(name.text('RegisteredId', OBJECT_IDENTIFIER)),
    other(name.structure('OtherName')),
  ]
  const [one, another] = forms.filter((form) => form !== undefined)
  if (one === undefined || another !== undefined) throw invalid('A GeneralName has exactly one form')
  return one
}

function named(type: 'dns' | 'email' | 'uri', value: string | undefined): GeneralName | undefined {
  return value === undefined ? undefined : { type, value }
}

function address(value: string | undefined): GeneralName | undefined {
  if (value === undefined) return undefined
  const bytes = parseIp(value)
  if (bytes === undefined) throw invalid(`${value} is not an IP address`)
  return { type: 'ip', value, bytes }
}

function directory(subject: Input | undefined): GeneralName | undefined {
  return subject === undefined ? undefined : { type: 'directory', name: readSubject(subject) }
}

function registered(oid: string | undefined): GeneralName | undefined {
  return oid === undefined ? undefined : { type: 'registeredID', oid }
}

function other(name: Input | undefined): GeneralName | undefined {
  if (name === undefined) return undefined
  const der = element(TAG.utf8String, Buffer.from(name.requiredText('Value', { most: 256 })))
  return { type: 'other', oid: name.requiredText('TypeId', OBJECT_IDENTIFIER), der }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidArgsException', message)
}
