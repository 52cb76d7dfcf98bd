import { readFileSync } from 'node:fs'
import { type Controller, type ControllerOptions, startController } from '../harness/controller.ts'
import type { ControlPlane } from '../lab/control-plane.ts'
import type { Kube } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import type { Reference } from '../lab/kube-paths.ts'

export const LEASE: Reference = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace: 'mesh-ca-issuer',
  name: 'mesh-ca-issuer',
}

/** Times that a test can wait out. */
export const SHORT_MS = 3000
export const SHORT_ARGS = [
  `--leader-election-lease-duration=${SHORT_MS}ms`,
  '--leader-election-renew-deadline=2s',
  '--leader-election-retry-period=100ms',
] as const

export interface Lease extends KubeObject {
  readonly spec: {
    readonly holderIdentity?: string
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

/** A controller that takes part in the election, under the name that it has there. */
export interface Candidate extends Controller {
  readonly identity: string
}

export function startCandidate(controlPlane: ControlPlane, options: ControllerOptions): Promise<Candidate> {
  return asCandidate(startController(controlPlane, options))
}

export async function asCandidate(starting: Promise<Controller>): Promise<Candidate> {
  const controller = await starting
  const line = await controller.program.log.waitFor(/"msg":"started"/)
  return { ...controller, identity: /"identity":"([^"]+)"/.exec(line)?.[1] ?? '' }
}

/** Resolves once it acts, and holds the Lease. */
export async function acts(kube: Kube, { program, identity }: Candidate, withinMs = 60_000): Promise<void> {
  await Promise.all([
    program.log.waitFor(/"msg":"acting"/, { timeoutMs: withinMs }),
    kube.waitFor<Lease>(LEASE, ({ spec }) => spec.holderIdentity === identity, withinMs),
  ])
}

/** When a Lease was last renewed, and when its holder took it, in epoch milliseconds. */
export function timesOf({ spec: { acquireTime = '', renewTime = '' } }: Lease): {
  readonly renewedAt: number
  readonly takenAt: number
} {
  return { renewedAt: Date.parse(renewTime), takenAt: Date.parse(acquireTime) }
}

/** What a controller says of itself to Prometheus. */
export async function leads(controller: Controller): Promise<boolean> {
  const { body } = await controller.get('/metrics')
  return /^meshca_leader 1$/m.test(body)
}

/** A request as the API server's audit log has it. */
export interface Audited {
  readonly verb: string
  readonly requestURI: string
  readonly requestReceivedTimestamp: string
  readonly responseStatus?: { readonly code?: number }
  readonly user: {
    readonly username: string
    readonly extra?: Readonly<Record<string, readonly string[]>>
  }
}

/** What our controllers have asked of the API server, since a time (epoch milliseconds). */
export function audited({ auditLog, users }: ControlPlane, since = 0): readonly Audited[] {
  const { name } = users['mesh-ca-issuer']
  return readFileSync(auditLog ?? '', 'utf8')
    .split('\n')
    .filter((line) => line.includes(name))
    .map((line): Audited => JSON.parse(line))
    .filter(
      ({ user, requestReceivedTimestamp }) => user.username === name && Date.parse(requestReceivedTimestamp) >= since,
    )
}
