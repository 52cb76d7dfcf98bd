import { parseDuration } from '../api/duration.ts'
import type { Authority, SigningRequest } from '../backends/backend.ts'
import type { MeshNames } from '../pki/trial.ts'
import type { TrustBundle } from '../trust/bundle.ts'
import { judge } from '../trust/rollout.ts'
import { type Step, type TrustPair, trustPair } from '../trust/transition.ts'
import { checkNamespace, checkRequester } from './access.ts'
import { meshNames } from './authority.ts'
import { checkAuthorityLimits, nameConstraintsFor, pathLengthFor } from './constraints.ts'
import { checkProfile, checkSubject, readCsr, usagesFor } from './csr-policy.ts'
import type { Facts, IssuerFacts } from './facts.ts'
import { lifetimeFor } from './lifetime.ts'
import { Refusal, wait } from './refusal.ts'

/** What to do about an approved request that is not settled. */
export type Decision = Sign | Refused

export interface Refused {
  readonly do: 'fail' | 'wait'
  readonly code: string
  readonly message: string
  readonly waitMs: number | undefined
}

export interface Sign {
  readonly do: 'sign'
  readonly request: SigningRequest
  /** What the times of the request are derived from; a repeat must be given the same. */
  readonly base: number
  /** What the answer must prove against. */
  readonly authority: Authority
  readonly bundle: TrustBundle
  /** The names to prove a mesh CA with; undefined for other profiles. */
  readonly mesh: MeshNames | undefined
  /** Undefined for what publishes no `ca.crt` that istiod would use. */
  readonly trust: TrustStep | undefined
}

/** The step that this issuance takes for its Certificate. */
export interface TrustStep {
  readonly step: Step | 'first' | 'accepted'
  /** Another `ca.crt` than the Certificate carries now. */
  readonly changesSet: boolean
  readonly pair: TrustPair
  /** Since when the Certificate has carried the pair, epoch milliseconds; undefined: from this issuance on. */
  readonly since: number | undefined
}

/** Decides from facts alone: gates in order, the first that objects is the answer. */
export function decide(facts: Facts): Decision {
  try {
    return plan(facts)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { do: error.outcome, code: error.code, message: error.message, waitMs: error.waitMs }
  }
}

function plan(facts: Facts): Sign {
  const issuer = existing(facts)
  const { request } = facts
  const { spec } = issuer
  checkNamespace(facts, issuer)
  const { authority, bundle } = ready(facts, issuer)
  checkRequester(request, issuer)
  checkProfile(request, spec)
  const csr = readCsr(facts, spec)
  const usages = usagesFor(request, csr, spec)
  checkSubject(csr, spec, authority)
  const nameConstraints = nameConstraintsFor(csr, request.isCA, spec)
  checkAuthorityLimits({ csr, isCA: request.isCA, extKeyUsage: usages.extKeyUsage }, authority)
  const pathLength = request.isCA ? pathLengthFor(request, spec, authority) : undefined
  const lifetime = lifetimeFor(request, spec, authority, facts.base)
  const trust =
    request.isCA && request.form === 'CertificateRequest'
      ? trustStep(facts, issuer, trustPair(authority.root.fingerprint, fingerprints(bundle)))
      : undefined
  return {
    do: 'sign',
    request: {
      uid: request.uid,
      clusterId: facts.clusterId,
      tenant: request.namespace ?? '',
      ...(facts.ticket === undefined ? {} : { ticket: facts.ticket }),
      csr,
      isCA: request.isCA,
      ...(pathLength === undefined ? {} : { pathLength }),
      ...usages,
      ...(nameConstraints === undefined ? {} : { nameConstraints }),
      ...lifetime,
    },
    base: facts.base,
    authority,
    bundle,
    mesh: spec.profile === 'MeshCA' ? meshNames(spec) : undefined,
    trust,
  }
}

function existing(facts: Facts): IssuerFacts {
  if (facts.issuer !== undefined) return facts.issuer
  const field = facts.request.form === 'CertificateRequest' ? 'the issuerRef' : 'spec.signerName'
  throw wait('IssuerNotFound', `${facts.issuerTitle} does not exist; create it, or correct ${field}`)
}

function ready(facts: Facts, issuer: IssuerFacts): { readonly authority: Authority; readonly bundle: TrustBundle } {
  if (issuer.readiness.ready) return issuer.readiness
  throw wait('IssuerNotReady', `${facts.issuerTitle} is not ready: ${issuer.readiness.message}`)
}

function trustStep(facts: Facts, issuer: IssuerFacts, next: TrustPair): TrustStep {
  const { minimumDwell, acceptUnsafeChange } = issuer.spec.trust
  const verdict = judge({
    own: facts.own,
    next,
    others: facts.others,
    minimumDwellMs: parseDuration(minimumDwell),
    accepted: acceptUnsafeChange,
    now: facts.now,
  })
  if (!verdict.allowed) throw wait(verdict.code, verdict.message, verdict.waitMs)
  const { own } = facts
  return {
    step: verdict.step,
    changesSet: own !== undefined && own.pair.roots.join() !== next.roots.join(),
    pair: next,
    since: verdict.step === 'same' ? own?.since : undefined,
  }
}

function fingerprints(bundle: TrustBundle): readonly string[] {
  return bundle.roots.map((root) => root.fingerprint)
}
