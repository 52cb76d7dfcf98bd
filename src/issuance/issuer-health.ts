import type { ConditionChange } from '../api/condition.ts'
import { parseDuration } from '../api/duration.ts'
import type { IssuerConditionType, IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import { admitRoots, type DeclaredRoots } from '../trust/additional-roots.ts'
import { makeBundle, type TrustBundle } from '../trust/bundle.ts'
import { type Carried, judge } from '../trust/rollout.ts'
import { trustPair } from '../trust/transition.ts'
import { unfitAuthority } from './authority-fitness.ts'
import { defaultLifeProblem } from './default-life.ts'
import type { Readiness } from './facts.ts'

/** A part of a check that failed: the condition it belongs to, a reason from the closed list, and words. */
export interface Fault {
  readonly part: 'CredentialsReady' | 'AuthorityReady' | 'TrustReady'
  readonly reason: string
  readonly message: string
}

/** What a check of an issuer brought together. */
export interface CheckFacts {
  readonly spec: IssuerSpec
  readonly generation: number
  /** The first thing that went wrong on the way to the authority, if anything did. */
  readonly fault: Fault | undefined
  readonly authority: Authority | undefined
  /** Undefined where they could not be read. */
  readonly declaredRoots: readonly DeclaredRoots[] | undefined
  /** What the Certificates of this issuer carry. */
  readonly carried: Iterable<Carried>
  readonly now: number
}

export interface Health {
  readonly readiness: Readiness
  readonly conditions: readonly ConditionChange[]
  readonly authority: Authority | undefined
  readonly bundle: TrustBundle | undefined
}

type Finding = Omit<Fault, 'part'>

/** Judges an issuer, part by part. Ready holds for the generation that was checked and no other. */
export function issuerHealth(facts: CheckFacts): Health {
  const { authority, fault } = facts
  const trust = authority === undefined ? undefined : publishedTrust(authority, facts)
  const findings: Readonly<Record<Fault['part'], Finding | undefined>> = {
    CredentialsReady: own(fault, 'CredentialsReady'),
    AuthorityReady:
      own(fault, 'AuthorityReady') ??
      (authority === undefined ? undefined : unfitAuthority(authority, facts.spec, facts.now)),
    TrustReady: own(fault, 'TrustReady') ?? trust?.finding,
  }
  const broken = PARTS.flatMap((part) => findings[part] ?? [])[0]
  const bundle = trust?.bundle
  const held = bundle === undefined || authority === undefined ? undefined : heldChange(authority, bundle, facts)
  const readiness: Readiness =
    broken !== undefined || authority === undefined || bundle === undefined
      ? { ready: false, message: broken?.message ?? 'the check has not come to an end' }
      : { ready: true, authority, bundle }
  const conditions = PARTS.map((part) =>
    partCondition(part, { finding: findings[part], held, reached: reached(part, facts), note: noteOn(part, facts) }),
  )
  return {
    readiness,
    conditions: [readyCondition(broken, held), ...conditions].map((condition) => ({
      ...condition,
      observedGeneration: facts.generation,
    })),
    authority,
    bundle,
  }
}

const PARTS = ['CredentialsReady', 'AuthorityReady', 'TrustReady'] as const

function own(fault: Fault | undefined, part: Fault['part']): Finding | undefined {
  return fault?.part === part ? fault : undefined
}

/** A part that comes after a broken one was not looked at. */
function reached(part: Fault['part'], { fault }: CheckFacts): boolean {
  return fault === undefined || PARTS.indexOf(part) <= PARTS.indexOf(fault.part)
}

function publishedTrust(
  authority: Authority,
  facts: CheckFacts,
): { readonly bundle?: TrustBundle; readonly finding?: Finding } {
  const { declaredRoots, fault, now } = facts
  if (own(fault, 'TrustReady') !== undefined || declaredRoots === undefined) return {}
  const admission = admitRoots(authority.root, declaredRoots, now)
  if (!admission.ok) return { finding: { reason: admission.code, message: admission.message } }
  return { bundle: makeBundle([authority.root, ...admission.roots]) }
}

/** The first change of trust that would be held back if its Certificate were renewed now. */
function heldChange(
  authority: Authority,
  bundle: TrustBundle,
  { spec, carried, now }: CheckFacts,
): Finding | undefined {
  const next = trustPair(
    authority.root.fingerprint,
    bundle.roots.map((root) => root.fingerprint),
  )
  const { minimumDwell, acceptUnsafeChange: accepted } = spec.trust
  for (const own of onePerPair(carried)) {
    const verdict = judge({ own, next, others: carried, minimumDwellMs: parseDuration(minimumDwell), accepted, now })
    if (!verdict.allowed) return { reason: verdict.code, message: `${own.certificate}: ${verdict.message}` }
  }
  return undefined
}

function onePerPair(carried: Iterable<Carried>): Iterable<Carried> {
  const first = new Map<string, Carried>()
  for (const one of carried) {
    const key = `${one.pair.signerRoot} ${one.pair.roots.join(' ')}`
    if (!first.has(key)) first.set(key, one)
  }
  return first.values()
}

interface PartState {
  readonly finding: Finding | undefined
  readonly held: Finding | undefined
  readonly reached: boolean
  /** What whoever looks at the issuer should know although the part is well. */
  readonly note: string | undefined
}

function partCondition(part: Fault['part'], { finding, held, reached: looked, note }: PartState): ConditionChange {
  if (finding !== undefined) return { type: part, status: 'False', reason: finding.reason, message: finding.message }
  if (!looked)
    return { type: part, status: 'Unknown', reason: 'NotReached', message: 'an earlier part of the check failed' }
  if (part === 'TrustReady' && held !== undefined)
    return { type: part, status: 'False', reason: held.reason, message: held.message }
  const message = note === undefined ? CHECKED[part] : `${CHECKED[part]}; ${note}`
  return { type: part, status: 'True', reason: 'Checked', message }
}

/** The owner's right. */
const NO_DWELL = 'trust.minimumDwell is 0s, so a step does not wait until workloads have picked the one before it up'

function noteOn(part: Fault['part'], { authority, spec, now }: CheckFacts): string | undefined {
  if (part === 'TrustReady') return parseDuration(spec.trust.minimumDwell) === 0 ? NO_DWELL : undefined
  return part === 'AuthorityReady' && authority !== undefined ? defaultLifeProblem(authority, spec, now) : undefined
}

const CHECKED: Readonly<Record<Fault['part'], string>> = {
  CredentialsReady: 'everything that the issuer refers to was found',
  AuthorityReady: 'the CA can sign, and its chain closes at its root',
  TrustReady: 'the published roots are those that were declared',
}

/** A held change does not make the issuer unready: Certificates that carry the present pair already must go on being renewed. */
function readyCondition(broken: Finding | undefined, held: Finding | undefined): ConditionChange {
  const type: IssuerConditionType = 'Ready'
  if (broken !== undefined) return { type, status: 'False', reason: broken.reason, message: broken.message }
  const message =
    held === undefined ? 'the issuer can sign' : 'the issuer can sign; a change of trust is held back (see TrustReady)'
  return { type, status: 'True', reason: 'Checked', message }
}
