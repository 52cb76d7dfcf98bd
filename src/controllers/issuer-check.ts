import type { Issuer } from '../api/issuer.ts'
import { type Authority, type Backend, SigningError } from '../backends/backend.ts'
import type { BackendConfig } from '../backends/config.ts'
import { backendConfig, ConfigurationError, declaredRoots, referencesOf } from '../issuance/backend-config.ts'
import { type Fault, type Health, issuerHealth } from '../issuance/issuer-health.ts'
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
  readonly backend: Backend | undefined
  readonly health: Health
}

export interface CheckDeps {
  readonly read: ReadObject
  readonly open: (config: BackendConfig) => Backend
  readonly clusterResourceNamespace: string
  readonly now: () => number
}

export interface CheckInput {
  readonly issuer: Issuer
  readonly before: Checked | undefined
  readonly carried: Iterable<Carried>
  readonly signal: AbortSignal
}

interface Opened {
  readonly backend?: Backend
  readonly authority?: Authority
  readonly declared?: readonly DeclaredRoots[]
  readonly fault?: Fault
}

/** How long a PKI may take to answer a check: 30 seconds. */
const CHECK_TIMEOUT_MS = 30_000

/** The namespace that an issuer's references are read from: its own, or the one configured for the cluster kind. */
export function referenceNamespace(issuer: Issuer, clusterResourceNamespace: string): string {
  return issuer.kind === 'MeshCAIssuer' ? issuer.metadata.namespace : clusterResourceNamespace
}

/**
 * Reads what the issuer refers to, opens its back end (anew only when something changed) and judges it.
 * @throws what `read` throws: an unreadable cluster says nothing about the issuer
 */
export async function checkIssuer(deps: CheckDeps, input: CheckInput): Promise<Checked> {
  const { issuer, before } = input
  const { generation } = issuer.metadata
  const namespace = referenceNamespace(issuer, deps.clusterResourceNamespace)
  // Before the reads: what is read a moment later is at least as young.
  const readAt = deps.now()
  const resolved = await resolveReferences(deps.read, namespace, referencesOf(issuer.spec))
  const unchanged = before?.generation === generation && before.referencesVersion === resolved.version
  const opened = await openIssuer(deps, input, { resolved, reuse: unchanged ? before.backend : undefined })
  const health = issuerHealth({
    spec: issuer.spec,
    generation,
    fault: opened.fault,
    authority: opened.authority,
    declaredRoots: opened.declared ?? [],
    carried: input.carried,
    now: deps.now(),
  })
  return { generation, referencesVersion: resolved.version, readAt, backend: opened.backend, health }
}

interface OpenInput {
  readonly resolved: Resolved
  readonly reuse: Backend | undefined
}

async function openIssuer(
  deps: CheckDeps,
  { issuer, signal }: CheckInput,
  { resolved, reuse }: OpenInput,
): Promise<Opened> {
  let backend: Backend | undefined
  let authority: Authority | undefined
  try {
    backend = reuse ?? deps.open(backendConfig(issuer.spec, resolved.lookup))
    const opened = backend
    authority = await callPki({ signal, ms: CHECK_TIMEOUT_MS }, (limited) => opened.check(limited))
    return { backend, authority, declared: declaredRoots(issuer.spec, resolved.lookup) }
  } catch (error) {
    if (signal.aborted) throw error
    const part = authority === undefined ? undefined : 'TrustReady'
    return {
      ...(backend === undefined ? {} : { backend }),
      ...(authority === undefined ? {} : { authority }),
      fault: faultOf(error, part),
    }
  }
}

function faultOf(error: unknown, part: Fault['part'] | undefined): Fault {
  if (error instanceof ConfigurationError)
    return { part: part ?? 'CredentialsReady', reason: error.code, message: error.message }
  if (error instanceof SigningError)
    return { part: part ?? 'AuthorityReady', reason: reasonOf(error.code), message: error.message }
  throw error
}

/** `ca-key-mismatch` as a condition's reason: `CaKeyMismatch`. */
function reasonOf(code: string): string {
  return code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
