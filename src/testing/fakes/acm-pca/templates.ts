import { constructedTag, contextTag } from '../../../pki/der-reader.ts'
import { booleanTrue, element, octetString, sequence, smallInteger } from '../../../pki/der-writer.ts'
import { type Extension, OID } from '../../../pki/extensions.ts'
import { EKU, encodeExtKeyUsage, encodeKeyUsage, type KeyUsage } from '../../../pki/key-usage.ts'
import { type PublicKey, subjectKeyIdentifier } from '../../../pki/public-key.ts'
import { templateName } from './arn.ts'
import type { Authority } from './authority.ts'
import { AwsError } from './aws-error.ts'
import type { Csr } from './csr.ts'

/** What a template itself says ("AWS Private CA template definitions"). */
interface Definition {
  readonly isCA: boolean
  /** Basic constraints are critical in CA templates, and in one family of end-entity templates. */
  readonly critical: boolean
  readonly pathLength?: number
  readonly keyUsage?: readonly KeyUsage[]
  readonly extKeyUsage?: { readonly critical: boolean; readonly oids: readonly string[] }
  /** Its varieties; '' is the base template. */
  readonly varieties: readonly string[]
}

export interface Template extends Definition {
  /** 'SubordinateCACertificate_PathLen0_APIPassthrough/V1'. */
  readonly name: string
  readonly takesApi: boolean
  readonly takesCsr: boolean
  /** Signs a CA's own request with its own key. */
  readonly root: boolean
}

const PASSTHROUGH = ['_APIPassthrough', '_CSRPassthrough', '_APICSRPassthrough'] as const
const ALL = ['', ...PASSTHROUGH] as const
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const LEAF = { isCA: false, critical: false } as const
const CA = { isCA: true, critical: true } as const
const CA_USAGE: readonly KeyUsage[] = ['digitalSignature', 'keyCertSign', 'cRLSign']
const TLS_USAGE: readonly KeyUsage[] = ['digitalSignature', 'keyEncipherment']

function tls(...oids: readonly string[]): Definition {
  return { ...LEAF, keyUsage: TLS_USAGE, extKeyUsage: { critical: false, oids }, varieties: ALL }
}

function signing(oid: string): Definition {
  return { ...LEAF, keyUsage: ['digitalSignature'], extKeyUsage: { critical: true, oids: [oid] }, varieties: ALL }
}

const PATH_LENGTHS: readonly (readonly [string, Definition])[] = [0, 1, 2, 3].flatMap((pathLength) => [
  [`SubordinateCACertificate_PathLen${pathLength}`, { ...CA, pathLength, keyUsage: CA_USAGE, varieties: ALL }] as const,
  [`BlankSubordinateCACertificate_PathLen${pathLength}`, { ...CA, pathLength, varieties: PASSTHROUGH }] as const,
])

const FAMILIES: readonly (readonly [string, Definition])[] = [
  ['EndEntityCertificate', tls(EKU.serverAuth, EKU.clientAuth)],
  ['EndEntityClientAuthCertificate', tls(EKU.clientAuth)],
  ['EndEntityServerAuthCertificate', tls(EKU.serverAuth)],
  ['CodeSigningCertificate', signing(CODE_SIGNING)],
  ['OCSPSigningCertificate', signing(OCSP_SIGNING)],
  ['BlankEndEntityCertificate', { ...LEAF, varieties: PASSTHROUGH }],
  ['BlankEndEntityCertificate_CriticalBasicConstraints', { ...LEAF, critical: true, varieties: PASSTHROUGH }],
  ['RootCACertificate', { ...CA, keyUsage: CA_USAGE, varieties: ['', '_APIPassthrough'] }],
  ...PATH_LENGTHS,
]

/** Every template of the service, by its name with version. */
export const TEMPLATES: ReadonlyMap<string, Template> = new Map(
  FAMILIES.flatMap(([family, definition]) =>
    definition.varieties.map((variety) => {
      const name = `${family}${variety}/V1`
      const takesApi = variety.startsWith('_API')
      const takesCsr = variety.includes('CSR')
      return [name, { ...definition, name, takesApi, takesCsr, root: family === 'RootCACertificate' }] as const
    }),
  ),
)

export const DEFAULT_TEMPLATE = 'EndEntityCertificate/V1'

/** @throws AwsError `InvalidArnException`; `InvalidArgsException` for a template that does not exist */
export function findTemplate(arn: string | undefined, partition: string): Template {
  const name = arn === undefined ? DEFAULT_TEMPLATE : templateName(arn, partition)
  const template = TEMPLATES.get(name)
  if (template === undefined) throw new AwsError('InvalidArgsException', `The template ${name} does not exist`)
  return template
}

export interface Sources {
  readonly template: Template
  readonly authority: Authority
  readonly csr: Csr
  /** From ApiPassthrough, whether or not the template heeds it. */
  readonly api: readonly Extension[]
}

/**
 * The extensions of the certificate ("template order of operations"): for each OID the template's own comes before
 * ApiPassthrough's, and that before the CSR's. Subject alternative names come from the CSR with every template.
 */
export function composeExtensions({ template, authority, csr, api }: Sources): readonly Extension[] {
  const requested = [...csr.extensions.values()].filter(({ oid }) => template.takesCsr || oid === OID.subjectAltName)
  const byPriority = [
    ...ownExtensions(template, authority, csr.publicKey),
    ...(template.takesApi ? api : []),
    ...requested,
  ]
  const chosen = new Map<string, Extension>()
  for (const extension of byPriority) if (!chosen.has(extension.oid)) chosen.set(extension.oid, extension)
  return [...chosen.values()]
}

function ownExtensions(template: Template, authority: Authority, key: PublicKey): readonly Extension[] {
  const { certificate } = authority
  const issuerKey = certificate.subjectKeyIdentifier ?? subjectKeyIdentifier(certificate.publicKey)
  const { critical, keyUsage, extKeyUsage } = template
  const { crlUrl } = authority.options
  return [
    { oid: OID.basicConstraints, critical, value: basicConstraints(template) },
    { oid: OID.authorityKeyIdentifier, critical: false, value: sequence(element(contextTag(0), issuerKey)) },
    { oid: OID.subjectKeyIdentifier, critical: false, value: octetString(subjectKeyIdentifier(key)) },
    ...(keyUsage === undefined ? [] : [{ oid: OID.keyUsage, critical: true, value: encodeKeyUsage(keyUsage) }]),
    ...(extKeyUsage === undefined
      ? []
      : [{ oid: OID.extKeyUsage, critical: extKeyUsage.critical, value: encodeExtKeyUsage(extKeyUsage.oids) }]),
    ...(crlUrl === undefined || template.root
      ? []
      : [{ oid: OID.crlDistributionPoints, critical: false, value: distributionPoint(crlUrl) }]),
  ]
}

function basicConstraints({ isCA, pathLength }: Template): Uint8Array {
  if (!isCA) return sequence()
  return pathLength === undefined ? sequence(booleanTrue()) : sequence(booleanTrue(), smallInteger(pathLength))
}

/** RFC 5280 4.2.1.13: one point with one URI as its fullName. */
function distributionPoint(url: string): Uint8Array {
  const fullName = element(constructedTag(0), element(contextTag(6), Buffer.from(url)))
  return sequence(sequence(element(constructedTag(0), fullName)))
}
