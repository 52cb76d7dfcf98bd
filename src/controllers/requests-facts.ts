import type { Facts } from '../issuance/facts.ts'
import { baseTime } from '../issuance/lifetime.ts'
import { type CarriedCA, type IssuerTarget, issuerKey, type OpenRecord } from '../issuance/request-record.ts'
import type { Carried } from '../trust/rollout.ts'
import type { CurrentIssuer } from './issuers.ts'
import type { SigningDeps } from './signing.ts'

/** Where facts beside the request and its issuer come from. */
export interface FactsDeps extends Pick<SigningDeps, 'attempts' | 'now'> {
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined
  /** With the issuer that signed it. */
  readonly carriedByCertificate: (certificate: string) => (Carried & Pick<CarriedCA, 'issuer'>) | undefined
  readonly carriedByIssuer: (issuer: string) => Iterable<Carried>
  readonly clusterId: string
}

/** All that counts of a request now, its issuer as it was checked. */
export function factsOf(deps: FactsDeps, record: OpenRecord, current: CurrentIssuer | undefined): Facts {
  const { facts, issuer, certificate } = record
  const now = deps.now()
  const own = certificate === undefined ? undefined : deps.carriedByCertificate(certificate)
  return {
    request: facts,
    issuerTitle: titleOf(issuer),
    issuer: current?.facts,
    namespaceLabels: facts.namespace === undefined ? undefined : deps.namespaceLabels(facts.namespace),
    own,
    others: others(deps, new Set([issuerKey(issuer), own?.issuer ?? issuerKey(issuer)])),
    clusterId: deps.clusterId,
    ticket:
      deps.attempts.ticket(record.uid) ??
      (record.ticket === undefined ? undefined : { value: record.ticket, polls: 0 }),
    knownCsr: deps.attempts.csr(record.uid),
    base: baseTime({ approvedAt: facts.approvedAt, now, before: deps.attempts.base(record.uid) }),
    now,
  }
}

/** A Certificate that comes from another issuer goes on living with those it leaves there. */
function others({ carriedByIssuer }: FactsDeps, issuers: ReadonlySet<string>): Iterable<Carried> {
  const lists = [...issuers].map(carriedByIssuer)
  return {
    *[Symbol.iterator]() {
      for (const list of lists) yield* list
    },
  }
}

function titleOf({ kind, namespace, name }: IssuerTarget): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}
