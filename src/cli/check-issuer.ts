import { setTimeout as delay } from 'node:timers/promises'
import type { Issuer } from '../api/issuer.ts'
import { ISSUER_KIND } from '../api/names.ts'
import { readObject, readStringMap } from '../api/read.ts'
import { type Authority, SigningError } from '../backends/backend.ts'
import type { OpenBackend } from '../backends/open.ts'
import type { ApiClient } from '../cluster/client.ts'
import { known } from '../doctor/answer.ts'
import { dryRun } from '../doctor/dry-run.ts'
import { titleOf } from '../doctor/issuer-findings.ts'
import { backendConfig, declaredRoots, referencesOf } from '../issuance/backend-config.ts'
import { readCarriedStatus } from '../issuance/carried-status.ts'
import type { Decision, Refused } from '../issuance/decide.ts'
import { faultOf } from '../issuance/issuer-fault.ts'
import { type Fault, type Health, issuerHealth } from '../issuance/issuer-health.ts'
import { type OperatorPolicy, scopeOf } from '../issuance/operator-policy.ts'
import { type Scope, servedElsewhere } from '../issuance/scope.ts'
import type { DeclaredRoots } from '../trust/additional-roots.ts'
import { ask } from './ask.ts'
import { readReferences } from './caller.ts'
import { sampleCsr } from './sample-csr.ts'

export interface CheckDeps {
  readonly client: ApiClient
  readonly open: OpenBackend
  readonly policy: OperatorPolicy
  /** Of the installation that is asked about. */
  readonly scope: Scope
  readonly clusterResourceNamespace: string
  readonly now: () => number
}

export interface Checked {
  readonly issuer: Issuer
  readonly health: Health
  /** What would become of a Certificate in `namespace` that leaves everything to the issuer. */
  readonly decision: Decision
  readonly namespace: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** How long a PKI may take: 30 seconds, as for the controller. */
const PKI_MS = 30_000

/**
 * Checks an issuer as the controller would, with the caller's rights, and imagines a request. Nothing is signed, nothing
 * written.
 * @param wanted namespace of the imagined Certificate; undefined: the issuer's, or that of the mesh's istiod
 */
export async function checkIssuer(deps: CheckDeps, issuer: Issuer, wanted: string | undefined): Promise<Checked> {
  const found = await openAndAsk(deps, issuer)
  const now = deps.now()
  const { spec, metadata } = issuer
  const health = issuerHealth({
    spec,
    generation: metadata.generation,
    fault: found.fault,
    authority: found.authority,
    declaredRoots: found.declared ?? [],
    carried: readCarriedStatus(issuer),
    now,
  })
  const namespace = issuer.kind === ISSUER_KIND ? issuer.metadata.namespace : (wanted ?? spec.mesh.namespace)
  const decision =
    leftAlone(deps.scope, issuer) ??
    dryRun({
      issuer,
      health,
      csr: sampleCsr(spec.allowedKeys, 'mesh-ca check'),
      namespace,
      namespaceLabels: await labelsOf(deps.client, issuer, namespace),
      now,
    })
  return { issuer, health, decision, namespace, now }
}

/** The controller says nothing of such an issuer, and its requests wait until the installation that serves it comes. */
function leftAlone(scope: Scope, issuer: Issuer): Refused | undefined {
  const { kind, metadata } = issuer
  const because = servedElsewhere(scope, { kind, namespace: metadata.namespace ?? '' })
  if (because === undefined) return undefined
  const message = `${titleOf(issuer)} is not served by this installation: ${because}`
  return { do: 'wait', code: 'IssuerServedElsewhere', message, waitMs: undefined }
}

interface Found {
  readonly authority?: Authority
  readonly declared?: readonly DeclaredRoots[]
  readonly fault?: Fault
}

async function openAndAsk(deps: CheckDeps, issuer: Issuer): Promise<Found> {
  const { client, open, policy } = deps
  const { spec } = issuer
  const scope = scopeOf(issuer, deps.clusterResourceNamespace)
  const lookup = await readReferences(client, scope.namespace, referencesOf(spec))
  let authority: Authority | undefined
  try {
    const backend = await open(backendConfig({ spec, lookup, scope, policy }))
    try {
      authority = await inTime((signal) => backend.check(signal))
    } finally {
      await backend.close?.()
    }
    return { authority, declared: declaredRoots(spec, lookup) }
  } catch (error) {
    const fault = faultOf(error, authority === undefined ? undefined : 'TrustReady')
    return authority === undefined ? { fault } : { authority, fault }
  }
}

async function inTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = delay(PKI_MS, undefined, { signal: done.signal }).then(() => {
    throw new SigningError('retry', 'pki-timeout', `the PKI did not answer within ${PKI_MS / 1000} s`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([call(done.signal), late])
  } finally {
    done.abort()
  }
}

/** Only a selector asks for them. */
async function labelsOf(
  client: ApiClient,
  { spec }: Issuer,
  namespace: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (spec.allowedNamespaces?.selector === undefined) return {}
  const answer = await ask(client, {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}`,
    right: `get namespaces (${namespace})`,
    read: (object) => readStringMap(readObject(readObject(object)?.metadata)?.labels),
  })
  return known(answer)
}
