import { type Condition, findCondition } from '../api/condition.ts'
import { parseDuration } from '../api/duration.ts'
import type { Issuer, IssuerStatus, RootStatus } from '../api/issuer.ts'
import { optional } from '../api/read.ts'
import { parseTime } from '../api/time.ts'
import type { Authority, QuotaUse } from '../backends/backend.ts'
import { authorityLinks } from '../issuance/authority.ts'
import { backendName } from '../issuance/backend-config.ts'
import type { ConditionView, IssuerView, LinkView, TrustBundleView } from '../server/overview.ts'

export interface IssuerSeen {
  readonly issuer: Issuer
  /** As the last check saw it; only who acts has made one, everybody else goes by the status. */
  readonly authority: Authority | undefined
  readonly quotas: readonly QuotaUse[]
  /** Epoch milliseconds. */
  readonly now: number
}

/** An issuer as the status page shows it. */
export function issuerView({ issuer, authority, quotas, now }: IssuerSeen): IssuerView {
  const { kind, metadata, spec, status } = issuer
  const chain = authority === undefined ? knownLinks(status) : chainLinks(authority)
  const state = stateOf(issuer)
  const defaultDurationMs = parseDuration(spec.duration.default)
  const signs = state === 'ready' || state === 'held'
  return {
    kind,
    ...(kind === 'MeshCAIssuer' ? { namespace: metadata.namespace } : {}),
    name: metadata.name,
    backend: backendName(spec),
    state,
    problems: [
      ...problemsOf(state, status.conditions ?? []),
      ...(signs ? tooShort(chain, spec.duration.default, now) : []),
    ],
    defaultDurationMs,
    conditions: (status.conditions ?? []).map(conditionView),
    chain,
    ...optional('trustBundle', bundleView(status)),
    quotas,
    ...optional('lastIssuance', issuanceView(status)),
  }
}

function stateOf({ metadata, status: { conditions = [] } }: Issuer): IssuerView['state'] {
  const ready = findCondition(conditions, 'Ready')
  if (ready === undefined || ready.status === 'Unknown' || ready.observedGeneration !== metadata.generation)
    return 'unchecked'
  if (ready.status === 'False') return 'not ready'
  return findCondition(conditions, 'TrustReady')?.status === 'False' ? 'held' : 'ready'
}

function problemsOf(state: IssuerView['state'], conditions: readonly Condition[]): readonly string[] {
  if (state === 'ready') return []
  if (state === 'unchecked') return ['what stands in its spec has not been checked yet']
  const broken = conditions.filter(({ type, status }) => type !== 'Ready' && status === 'False')
  const told = broken.length > 0 ? broken : conditions.filter(({ type }) => type === 'Ready')
  return told.map(({ message = '' }) => message)
}

/** Nothing is shortened silently: once the CA ends before a certificate would, its requests wait. */
function tooShort(chain: readonly LinkView[], duration: string, now: number): readonly string[] {
  const ending = chain.find(({ notAfter }) => notAfter !== undefined && notAfter - now < parseDuration(duration))
  if (ending === undefined) return []
  return [
    `${ending.subject} ends before a certificate of the default duration (${duration}) would, so requests for as much wait; renew it`,
  ]
}

function conditionView({ type, status, reason = '', message = '', lastTransitionTime }: Condition): ConditionView {
  return { type, status, reason, message, ...optional('since', parseTime(lastTransitionTime)) }
}

function chainLinks(authority: Authority): readonly LinkView[] {
  const links = authorityLinks(authority)
  return links.map(({ subject, fingerprint, notBefore, notAfter }, index) => ({
    role: roleOf(index, links.length),
    subject: subject.text,
    fingerprint,
    notBefore,
    notAfter,
  }))
}

function roleOf(index: number, count: number): LinkView['role'] {
  if (index === 0) return 'signs'
  return index === count - 1 ? 'root' : 'between'
}

/** What the status tells of the chain: its two ends. */
function knownLinks({ authority, trustBundle }: IssuerStatus): readonly LinkView[] {
  if (authority === undefined) return []
  const { subject, fingerprint, rootFingerprint } = authority
  const signs: LinkView = {
    role: 'signs',
    subject,
    fingerprint,
    ...optional('notBefore', parseTime(authority.notBefore)),
    ...optional('notAfter', parseTime(authority.notAfter)),
  }
  const root = trustBundle?.roots.find((one) => one.fingerprint === rootFingerprint)
  return fingerprint === rootFingerprint || root === undefined ? [signs] : [signs, rootLink(root)]
}

function rootLink({ subject, fingerprint, notAfter }: RootStatus): LinkView {
  return { role: 'root', subject, fingerprint, ...optional('notAfter', parseTime(notAfter)) }
}

function bundleView({ trustBundle, authority }: IssuerStatus): TrustBundleView | undefined {
  if (trustBundle === undefined) return undefined
  const roots = trustBundle.roots.flatMap(({ subject, fingerprint, notAfter }) => {
    const end = parseTime(notAfter)
    const active = fingerprint === authority?.rootFingerprint
    return end === undefined ? [] : [{ subject, fingerprint, notAfter: end, active }]
  })
  return { sha256: trustBundle.sha256, roots }
}

function issuanceView({ lastIssuance }: IssuerStatus): IssuerView['lastIssuance'] {
  const [at, notAfter] = [parseTime(lastIssuance?.time), parseTime(lastIssuance?.notAfter)]
  if (lastIssuance === undefined || at === undefined || notAfter === undefined) return undefined
  const { kind, namespace, name, serialNumber } = lastIssuance
  return { at, request: `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`, serialNumber, notAfter }
}
