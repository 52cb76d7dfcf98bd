import { formatDuration } from '../api/duration.ts'
import type { Issuer } from '../api/issuer.ts'
import { CLUSTER_ISSUER_KIND, GROUP, ISSUER_KIND } from '../api/names.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import { type Finding, type FindingCode, finding } from './finding.ts'
import { titleOf } from './issuer-findings.ts'
import { span } from './words.ts'

/** The Secret whose name is istiod's choice. */
export const CACERTS = 'cacerts'

export interface SettingsFacts {
  /** Undefined where they could not be listed. */
  readonly issuers: readonly Issuer[] | undefined
  /** The namespace of istiod. */
  readonly namespace: string
  /** The longest life of a workload's certificate, milliseconds. */
  readonly workloadTtlMs: number
}

/** Where a Certificate stands: `Certificate istio-system/cacerts`. */
export function whereOf({ namespace, name }: CertificateFacts): string {
  return `Certificate ${namespace}/${name}`
}

/** The issuer that a Certificate names, whichever of our kinds it is. */
export function issuerFor({ issuerRef, namespace }: CertificateFacts, issuers: readonly Issuer[]): Issuer | undefined {
  if (issuerRef.group !== GROUP) return undefined
  return issuers.find(
    ({ kind, metadata }) =>
      kind === issuerRef.kind &&
      metadata.name === issuerRef.name &&
      (kind === CLUSTER_ISSUER_KIND || metadata.namespace === namespace),
  )
}

/** Which settings of a mesh CA's Certificate will hurt. */
export function settingsFindings(certificate: CertificateFacts, facts: SettingsFacts): readonly Finding[] {
  const where = whereOf(certificate)
  const add = (member: string, code: FindingCode, words: Words): Finding =>
    finding(code, { where: `${where}, ${member}`, ...words })
  return [
    ...kindFindings(certificate, add),
    ...issuerRefFindings(certificate, facts, add),
    ...lifeFindings(certificate, facts.workloadTtlMs, add),
  ]
}

type Words = Pick<Finding, 'what' | 'remedy'>
type Add = (member: string, code: FindingCode, words: Words) => Finding

/** cert-manager's names of usages that are extended ones start nowhere alike; these are the key usages (types.go). */
const KEY_USAGES: readonly string[] = [
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
]

function kindFindings({ isCA, usages, temporary, rotationPolicy }: CertificateFacts, add: Add): readonly Finding[] {
  const extended = usages.filter((usage) => !KEY_USAGES.includes(usage))
  const findings: readonly (Finding | false)[] = [
    !isCA &&
      add('spec.isCA', 'IsCAMissing', {
        what: 'it asks for no CA, and istiod can sign with nothing else',
        remedy: 'set isCA: true',
      }),
    isCA &&
      usages.length > 0 &&
      !usages.includes('cert sign') &&
      add('spec.usages', 'CertSignMissing', {
        what: 'the usages leave out "cert sign", and issuers that go by the request make a CA that may not sign',
        remedy: 'add "cert sign", or leave usages out',
      }),
    extended.length > 0 &&
      add('spec.usages', 'ExtendedUsages', {
        what: `the usages ${extended.map((usage) => `"${usage}"`).join(' and ')} limit every certificate below the CA, and profile MeshCA refuses them`,
        remedy: 'leave "digital signature", "cert sign" and "crl sign" only',
      }),
    temporary &&
      add('metadata.annotations', 'TemporaryCertificate', {
        what: 'cert-manager.io/issue-temporary-certificate puts a self-signed certificate of its own into the Secret while it waits, and istiod takes it for its CA',
        remedy: 'remove the annotation',
      }),
    rotationPolicy === 'Never' &&
      add('spec.privateKey.rotationPolicy', 'KeyNeverChanges', {
        what: 'the key of the CA stays the same through every renewal, so one that leaked signs for ever',
        remedy: 'set rotationPolicy: Always; istiod takes a new key up while it runs',
      }),
  ]
  return findings.filter((one) => one !== false)
}

function issuerRefFindings(
  certificate: CertificateFacts,
  { issuers, namespace }: SettingsFacts,
  add: Add,
): readonly Finding[] {
  const { issuerRef } = certificate
  const of = (code: FindingCode, words: Words): readonly Finding[] => [add('spec.issuerRef', code, words)]
  const wrong = wrongReference(certificate, issuers ?? [])
  if (wrong !== undefined) return of('IssuerRefWrong', wrong)
  if (issuerRef.group !== GROUP) {
    return of('IssuerOther', {
      what: `${issuerRef.kind === '' ? 'Issuer' : issuerRef.kind} ${issuerRef.name} is not one of mesh-ca-issuer, so nobody proves that the CA works in istiod and that ca.crt keeps its bytes`,
      remedy: `use an issuer of group ${GROUP}, or verify the Secret behind each renewal`,
    })
  }
  const issuer = issuerFor(certificate, issuers ?? [])
  if (issuer === undefined && issuers !== undefined) {
    return of('IssuerNotFound', {
      what: `${issuerRef.kind} ${issuerRef.name} does not exist${issuerRef.kind === ISSUER_KIND ? ` in namespace ${certificate.namespace}` : ''}`,
      remedy: 'create it, or correct the reference',
    })
  }
  if (issuer === undefined || issuer.spec.profile !== 'MeshCA' || issuer.spec.mesh.namespace === namespace) return []
  return of('MeshNamespaceOther', {
    what: `${issuerRef.kind} ${issuerRef.name} proves CAs for an istiod in namespace ${issuer.spec.mesh.namespace}, and this one is for namespace ${namespace}`,
    remedy: `set mesh.namespace: ${namespace} in the issuer, or look at the other namespace with --namespace`,
  })
}

const FULL_REFERENCE = `write group: ${GROUP} together with kind: ${ISSUER_KIND} or ${CLUSTER_ISSUER_KIND}`

/** A reference that is half ours: cert-manager takes an empty group for its own, and kinds are not looked up. */
function wrongReference(
  { issuerRef: { group, kind, name }, namespace }: CertificateFacts,
  issuers: readonly Issuer[],
): Words | undefined {
  const ourKind = kind === ISSUER_KIND || kind === CLUSTER_ISSUER_KIND
  if ((group === GROUP) !== ourKind) {
    return {
      what: `group "${group}" has no kind "${kind}", so the request is neither approved nor refused and waits for ever`,
      remedy: FULL_REFERENCE,
    }
  }
  const namesake = issuers.find(
    ({ metadata }) => metadata.name === name && (metadata.namespace ?? namespace) === namespace,
  )
  if (group !== '' || namesake === undefined) return undefined
  return {
    what: `without a group it names cert-manager's own issuer ${name}, and not ${titleOf(namesake)}`,
    remedy: FULL_REFERENCE,
  }
}

/** Renewing more often than this share of the life, or than once a day, is a mistake rather than a plan. */
const LEAST_SHARE = 0.1
const DAY_MS = 86_400_000

function lifeFindings(
  { durationMs, renewBeforeMs }: CertificateFacts,
  workloadTtlMs: number,
  add: Add,
): readonly Finding[] {
  const life = formatDuration(Math.floor(durationMs))
  if (durationMs < 2 * workloadTtlMs) {
    return [
      add('spec.duration', 'DurationTooShort', {
        what: `the CA lives ${life}, and the certificates below it up to ${formatDuration(workloadTtlMs)}: istiod shortens them, and proxies ask for new ones ever more often`,
        remedy: 'set duration: 2160h, and never less than four lives of a workload certificate',
      }),
    ]
  }
  const interval = durationMs - renewBeforeMs
  const findings: readonly (Finding | false)[] = [
    renewBeforeMs < workloadTtlMs &&
      add('spec.renewBefore', 'RenewsTooLate', {
        what: `the CA is renewed ${span(renewBeforeMs)} before its end, while certificates of up to ${formatDuration(workloadTtlMs)} are signed below it: istiod shortens them, and a PKI that is away for that long stops the mesh`,
        remedy: `set a renewBefore of at least ${formatDuration(workloadTtlMs)}, better a third of a duration such as 2160h`,
      }),
    (interval < durationMs * LEAST_SHARE || interval < Math.min(DAY_MS, durationMs / 2)) &&
      add('spec.renewBefore', 'RenewsTooOften', {
        what: `a CA of ${life} is renewed every ${span(Math.max(0, interval))}, since renewBefore is nearly the whole duration`,
        remedy: 'renewBefore counts from the end: leave it out, or set a third of the duration',
      }),
  ]
  return findings.filter((one) => one !== false)
}
