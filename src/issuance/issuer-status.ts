import { findCondition, transition } from '../api/condition.ts'
import type { AuthorityStatus, IssuerSpec, IssuerStatus, LastIssuance, TrustBundleStatus } from '../api/issuer.ts'
import { formatTime } from '../api/time.ts'
import type { Authority } from '../backends/backend.ts'
import type { TrustBundle } from '../trust/bundle.ts'
import { backendName } from './backend-config.ts'
import { carriedStatus } from './carried-status.ts'
import type { Health } from './issuer-health.ts'
import type { CarriedCA } from './request-record.ts'

export interface IssuerStatusFacts {
  readonly spec: IssuerSpec
  readonly health: Health
  readonly before: IssuerStatus
  readonly lastIssuance: LastIssuance | undefined
  /** Everything known of what its Certificates carry. */
  readonly carried: Iterable<CarriedCA>
  /** Epoch milliseconds. */
  readonly now: number
}

/** The whole status of an issuer as it is applied: one writer, so every field every time. */
export function issuerStatus({ spec, health, before, lastIssuance, carried, now }: IssuerStatusFacts): IssuerStatus {
  const { authority, bundle } = health
  const issuance = lastIssuance ?? before.lastIssuance
  const kept = carriedStatus(carried)
  return {
    conditions: health.conditions.map((change) =>
      transition(findCondition(before.conditions ?? [], change.type), change, now),
    ),
    backend: backendName(spec),
    ...(authority === undefined
      ? {}
      : { root: authority.root.fingerprint.slice(0, 16), authority: authorityStatus(authority) }),
    ...(bundle === undefined ? {} : { trustBundle: trustBundleStatus(bundle) }),
    ...(kept.length === 0 ? {} : { carried: kept }),
    ...(issuance === undefined ? {} : { lastIssuance: issuance }),
  }
}

function authorityStatus({ certificate, root }: Authority): AuthorityStatus {
  const pathLength = certificate.basicConstraints?.pathLength
  return {
    subject: certificate.subject.text,
    serialNumber: certificate.serialNumber,
    fingerprint: certificate.fingerprint,
    notBefore: formatTime(certificate.notBefore),
    notAfter: formatTime(certificate.notAfter),
    ...(pathLength === undefined ? {} : { pathLength }),
    key: certificate.publicKey.description,
    rootFingerprint: root.fingerprint,
  }
}

function trustBundleStatus({ sha256, roots }: TrustBundle): TrustBundleStatus {
  return {
    sha256,
    roots: roots.map((root) => ({
      subject: root.subject.text,
      fingerprint: root.fingerprint,
      notAfter: formatTime(root.notAfter),
    })),
  }
}
