import { findCondition } from '../api/condition.ts'
import type { Issuer } from '../api/issuer.ts'
import { GROUP, type IssuerKind } from '../api/names.ts'
import { type Answer, known } from './answer.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import { authorityEnd } from './issuer-findings.ts'
import { LOOK_AT_CONTEXT } from './words.ts'

/** What was read of one cluster. */
export interface StatusFacts {
  readonly cluster: string
  readonly issuers: Readonly<Record<IssuerKind, Answer<readonly Issuer[]>>>
  readonly certificates: Answer<readonly CertificateFacts[]>
}

/** Where an issuer stands. Unknown: nobody has checked the spec that it has now. */
export interface IssuerRow {
  readonly kind: IssuerKind
  /** Undefined for the cluster kind. */
  readonly namespace: string | undefined
  readonly name: string
  readonly ready: 'True' | 'False' | 'Unknown'
  readonly reason: string | undefined
  readonly message: string | undefined
  readonly backend: string | undefined
  /** Epoch milliseconds. */
  readonly authorityEnds: number | undefined
  /** SHA-256 fingerprint, whole. */
  readonly root: string | undefined
  /** SHA-256 of the bytes of ca.crt. */
  readonly bundle: string | undefined
}

/** Where a Certificate of one of our issuers stands. */
export interface CertificateRow {
  readonly namespace: string
  readonly name: string
  readonly issuer: { readonly kind: string; readonly name: string }
  readonly secretName: string
  readonly ready: boolean
  /** Epoch milliseconds, both. */
  readonly ends: number | undefined
  readonly renews: number | undefined
}

export interface ClusterStatus {
  readonly cluster: string
  readonly issuers: readonly IssuerRow[]
  readonly certificates: readonly CertificateRow[]
  /** What could not be read, in words. */
  readonly gaps: readonly string[]
}

/** What a cluster's issuers and their Certificates say of themselves, sorted by name. */
export function clusterStatus({ cluster, issuers, certificates }: StatusFacts): ClusterStatus {
  const answers = [...Object.values(issuers), certificates]
  const ours = (known(certificates) ?? []).filter(({ issuerRef }) => issuerRef.group === GROUP)
  return {
    cluster,
    issuers: Object.values(issuers)
      .flatMap((answer) => known(answer) ?? [])
      .map(issuerRow)
      .toSorted(byName),
    certificates: ours.map(certificateRow).toSorted(byName),
    gaps: [...new Set(answers.flatMap(gap))],
  }
}

function gap(answer: Answer<unknown>): readonly string[] {
  switch (answer.state) {
    case 'read':
      return []
    case 'absent':
      return ['cert-manager or the CRDs of mesh-ca-issuer are not installed']
    case 'forbidden':
      return [`the kubeconfig's user may not ${answer.right}; have a role grant it, or name a --namespace`]
    case 'failed':
      return [`${answer.message}; ${LOOK_AT_CONTEXT}`]
  }
}

function issuerRow(issuer: Issuer): IssuerRow {
  const { kind, metadata, status } = issuer
  const ready = findCondition(status.conditions ?? [], 'Ready')
  const current = ready?.observedGeneration === metadata.generation
  return {
    kind,
    namespace: metadata.namespace,
    name: metadata.name,
    ready: current ? (ready?.status ?? 'Unknown') : 'Unknown',
    reason: current ? ready?.reason : undefined,
    message: current ? ready?.message : undefined,
    backend: status.backend,
    authorityEnds: authorityEnd(issuer),
    root: status.authority?.rootFingerprint,
    bundle: status.trustBundle?.sha256,
  }
}

function certificateRow(certificate: CertificateFacts): CertificateRow {
  const { namespace, name, issuerRef, secretName, ready, notAfter, renewalTime } = certificate
  return {
    namespace,
    name,
    issuer: { kind: issuerRef.kind, name: issuerRef.name },
    secretName,
    ready: ready?.status === 'True',
    ends: notAfter,
    renews: renewalTime,
  }
}

type Named = { readonly namespace: string | undefined; readonly name: string }

function byName(a: Named, b: Named): number {
  const [left, right] = [a, b].map(({ namespace = '', name }) => `${namespace}/${name}`)
  return left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1
}
