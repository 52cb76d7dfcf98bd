import type { Issuer } from '../api/issuer.ts'
import { type Authority, type OpenedBackend, SigningError } from '../backends/backend.ts'
import type { OpenBackend } from '../backends/open.ts'
import { backendConfig, declaredRoots, referencesOf } from '../issuance/backend-config.ts'
import type { PkiRefusal } from '../issuance/conclude.ts'
import { faultOf, refusalFault } from '../issuance/issuer-fault.ts'
import { type Fault, type Health, issuerHealth } from '../issuance/issuer-health.ts'
import { type OperatorPolicy, scopeOf } from '../issuance/operator-policy.ts'
import type { DeclaredRoots } from '../trust/additional-roots.ts'
import type { Carried } from '../trust/rollout.ts'
import { callPki } from './pki-call.ts'
import { type ReadObject, type Resolved, resolveReferences } from './references.ts'

/** What a check found, kept until the issuer, what it refers to, or time asks for another. */
export interface Checked {
  readonly generation: number
  readonly referencesVersion: string
  /** Epoch milliseconds: when the references were last read. */
  readonly readAt: number
  /** Undefined where the issuer could not be opened. */
  readonly backend: OpenedBackend | undefined
  /** What the PKI last showed, and when; undefined where it has not. */
  readonly shown: Shown | undefined
  /** The roots to publish beside the active one; undefined where they could not be read. */
  readonly declared: readonly DeclaredRoots[] | undefined
  readonly health: Health
}

interface Shown {
  readonly authority: Authority
  /** Epoch milliseconds. */
  readonly at: number
}

export interface CheckDeps {
  readonly read: ReadObject
  readonly open: OpenBackend
  readonly clusterResourceNamespace: string
  readonly policy: OperatorPolicy
  readonly now: () => number
}

export interface CheckInput {
  readonly issuer: Issuer
  readonly before: Checked | undefined
  /** Whether to ask the PKI too; without it that is done only where something changed or was broken. */
  readonly askPki: boolean
  /** What the PKI lately answered to a request, where that concerns the whole issuer. */
  readonly refusal: PkiRefusal | undefined
  readonly carried: Iterable<Carried>
  readonly signal: AbortSignal
}

type Opened = Pick<Checked, 'backend' | 'shown' | 'declared'> & { readonly fault?: Fault }

/** How long a PKI may take to answer a check: 30 seconds. */
const CHECK_TIMEOUT_MS = 30_000
/** A PKI that cannot be reached for less than this says nothing about its CA: 60 seconds. */
const GRACE_MS = 60_000

/** Milliseconds since `at`; what a clock that was set back calls the future counts as long ago. */
export function ageMs(at: number, now: number): number {
  return at > now ? Number.POSITIVE_INFINITY : now - at
}

/**
 * Reads what the issuer refers to, opens its back end (anew only when something changed) and judges it.
 * @throws what `read` throws: an unreadable cluster says nothing about the issuer
 */
export async function checkIssuer(deps: CheckDeps, input: CheckInput): Promise<Checked> {
  const { issuer, before } = input
  const { generation } = issuer.metadata
  const { namespace } = scopeOf(issuer, deps.clusterResourceNamespace)
  // Before the reads: what is read a moment later is at least as young.
  const readAt = deps.now()
  const resolved = await resolveReferences(deps.read, namespace, referencesOf(issuer.spec))
  const known = isUnchanged(before, { generation, referencesVersion: resolved.version }) ? before : undefined
  const opened = await openIssuer(deps, input, { resolved, known })
  const health = issuerHealth({
    spec: issuer.spec,
    generation,
    fault: opened.fault ?? (known === undefined ? undefined : refusalFault(input.refusal)),
    authority: opened.shown?.authority,
    declaredRoots: opened.declared,
    carried: input.carried,
    now: deps.now(),
  })
  const { backend, shown, declared } = opened
  return { generation, referencesVersion: resolved.version, readAt, backend, shown, declared, health }
}

interface OpenInput {
  readonly resolved: Resolved
  /** The check before, where nothing has changed since. */
  readonly known: Checked | undefined
}

async function openIssuer(deps: CheckDeps, input: CheckInput, { resolved, known }: OpenInput): Promise<Opened> {
  const { issuer, signal } = input
  const { spec } = issuer
  let backend: OpenedBackend | undefined
  let shown: Shown | undefined
  try {
    const config = () => ({
      spec,
      lookup: resolved.lookup,
      scope: scopeOf(issuer, deps.clusterResourceNamespace),
      policy: deps.policy,
    })
    backend = known?.backend ?? (await deps.open(backendConfig(config())))
    shown = await show(deps, backend, { input, known })
    return { backend, shown, declared: declaredRoots(spec, resolved.lookup) }
  } catch (error) {
    if (signal.aborted) {
      // Nobody else knows of a new one.
      if (backend !== known?.backend) await backend?.close?.()
      throw error
    }
    const part = shown === undefined ? undefined : 'TrustReady'
    // A CA goes on ageing while nobody can look at it.
    return {
      backend,
      shown: shown ?? known?.shown,
      declared: part === 'TrustReady' ? undefined : known?.declared,
      fault: faultOf(error, part),
    }
  }
}

interface ShowInput {
  readonly input: CheckInput
  readonly known: Checked | undefined
}

/** What the PKI shows now; what it showed before where it need not be asked, or cannot be reached for a moment. */
async function show(deps: CheckDeps, backend: OpenedBackend, { input, known }: ShowInput): Promise<Shown> {
  const before = known?.shown
  if (before !== undefined && !input.askPki && known?.health.readiness.ready) return before
  const at = deps.now()
  try {
    const limit = { signal: input.signal, ms: CHECK_TIMEOUT_MS }
    return { authority: await callPki(limit, (limited) => backend.check(limited)), at }
  } catch (error) {
    const passing = error instanceof SigningError && error.remedy === 'retry'
    if (passing && before !== undefined && ageMs(before.at, at) <= GRACE_MS) return before
    throw error
  }
}

/** Whether neither the issuer nor what it refers to is another than at the check before. */
export function isUnchanged(
  before: Checked | undefined,
  { generation, referencesVersion }: Pick<Checked, 'generation' | 'referencesVersion'>,
): boolean {
  return before?.generation === generation && before.referencesVersion === referencesVersion
}

/** Whether requests may fare differently after the one check and after the other. */
export function differs(before: Checked, after: Checked): boolean {
  const [a, b] = [before.health, after.health]
  if (before.generation !== after.generation || a.readiness.ready !== b.readiness.ready) return true
  if (!a.readiness.ready || !b.readiness.ready) return JSON.stringify(a.conditions) !== JSON.stringify(b.conditions)
  return (
    a.readiness.bundle.sha256 !== b.readiness.bundle.sha256 ||
    chainOf(a.readiness.authority) !== chainOf(b.readiness.authority)
  )
}

/** A CA further up may end first or leave no room, and is renewed without the one that signs. */
function chainOf({ chain }: Authority): string {
  return chain.map(({ fingerprint }) => fingerprint).join()
}
