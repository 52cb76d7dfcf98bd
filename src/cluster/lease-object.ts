import { microTime } from './micro-time.ts'

/** A Lease of coordination.k8s.io/v1, as far as it is used. */
export interface LeaseObject {
  readonly apiVersion: 'coordination.k8s.io/v1'
  readonly kind: 'Lease'
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion?: string }
  readonly spec?: LeaseSpec
}

export interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

export interface Claim {
  readonly namespace: string
  readonly name: string
  readonly identity: string
  readonly durationMs: number
  /** Epoch milliseconds. */
  readonly now: number
}

/** The Lease as it is written to take or renew it (client-go tools/leaderelection). */
export function claimed(before: LeaseObject | undefined, claim: Claim): LeaseObject {
  const time = microTime(claim.now)
  const kept = before?.spec?.holderIdentity === claim.identity
  const transitions = before?.spec?.leaseTransitions ?? 0
  return leaseObject(before, claim, {
    holderIdentity: claim.identity,
    leaseDurationSeconds: Math.ceil(claim.durationMs / 1000),
    acquireTime: kept ? (before.spec?.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: kept || before === undefined ? transitions : transitions + 1,
  })
}

/** The Lease as it is written to let go of it, so that nobody has to wait for its end. */
export function released(before: LeaseObject, claim: Claim): LeaseObject {
  const time = microTime(claim.now)
  return leaseObject(before, claim, {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: before.spec?.leaseTransitions ?? 0,
  })
}

/** The version goes with it, so that of two writers one is refused; and so does what others noted on it, such as labels. */
function leaseObject(before: LeaseObject | undefined, { namespace, name }: Claim, spec: LeaseSpec): LeaseObject {
  const metadata = before?.metadata ?? { namespace, name }
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
}
