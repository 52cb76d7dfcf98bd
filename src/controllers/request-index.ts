import { MOST_CARRIED } from '../issuance/carried-status.ts'
import { type CarriedCA, issuerKey, type RequestRecord } from '../issuance/request-record.ts'
import { samePair } from '../trust/transition.ts'

/** What a change of a request means to others. */
export interface IndexChange {
  /** The issuers whose Certificates now carry something else, or are others. */
  readonly issuers: readonly string[]
  /** Those of them where what waits for a Certificate may go on; one that has come can only hold up. */
  readonly eased: readonly string[]
}

/** A Certificate, as its requests tell of it. */
interface KnownCertificate {
  /** How many requests it has. */
  readonly requests: number
  /** The newest of what they told. */
  readonly carried: CarriedCA | undefined
}

/** Certificates without a request whose pair is still known; far more than are between two requests at a time. */
const REMEMBERED = 4096

/**
 * Answers, without a walk over all requests: which open requests wait for an issuer or belong to a namespace, what a
 * Certificate carries, and what all Certificates of an issuer carry. Fed with every change that the reflectors see. What a
 * Certificate carries outlives the request that told it: cert-manager deletes that one while the next still waits, and a
 * failed one before the next.
 */
export class RequestIndex {
  readonly #open = new Map<string, Set<string>>()
  readonly #openOf = new Map<string, Set<string>>()
  readonly #openBy = new Map<string, Set<string>>()
  readonly #certificates = new Map<string, KnownCertificate>()
  readonly #certificatesOf = new Map<string, Set<string>>()
  readonly #departed = new Map<string, CarriedCA>()

  change(key: string, before: RequestRecord | undefined, after: RequestRecord | undefined): IndexChange {
    move(this.#open, key, [openFor(before), openFor(after)])
    move(this.#openOf, key, [openOf(before), openOf(after)])
    move(this.#openBy, key, [openBy(before), openBy(after)])
    const same = before?.certificate === after?.certificate
    const left = same || before?.certificate === undefined ? [] : this.#leave(before.certificate)
    const entered = same || after?.certificate === undefined ? [] : this.#enter(after.certificate)
    const known = this.#certificates.get(after?.certificate ?? '')?.carried
    const told = after?.carried === undefined ? [] : this.#tell(after.carried)
    const eased = known === undefined ? left : [...left, ...told]
    return { issuers: [...new Set([...left, ...entered, ...told])], eased: [...new Set(eased)] }
  }

  /** Keys of the open requests that name this issuer, or whose Certificates carry what it signed. */
  openFor(issuer: string): readonly string[] {
    const own = [...(this.#certificatesOf.get(issuer) ?? [])].flatMap((one) => [...(this.#openBy.get(one) ?? [])])
    return [...new Set([...(this.#open.get(issuer) ?? []), ...own])]
  }

  /** Keys of the open requests that belong to this namespace. */
  openOf(namespace: string): readonly string[] {
    return [...(this.#openOf.get(namespace) ?? [])]
  }

  /** What this Certificate carries, as its newest issued CA request told. */
  carriedByCertificate(certificate: string): CarriedCA | undefined {
    return this.#certificates.get(certificate)?.carried ?? this.#departed.get(certificate)
  }

  /** What the Certificates of an issuer carry, one entry each; those without any request are taken for deleted. */
  carriedByIssuer(issuer: string): Iterable<CarriedCA> {
    const certificates = this.#certificatesOf.get(issuer) ?? []
    const carriedByCertificate = (certificate: string) => this.carriedByCertificate(certificate)
    return {
      *[Symbol.iterator]() {
        for (const certificate of certificates) {
          const carried = carriedByCertificate(certificate)
          if (carried !== undefined) yield carried
        }
      },
    }
  }

  /** The same, with those whose requests are all gone: what must not be forgotten. Of these the last, as far as they can be written down. */
  *knownOfIssuer(issuer: string): Iterable<CarriedCA> {
    const present = [...this.carriedByIssuer(issuer)]
    const gone = [...this.#departed.values()].filter((carried) => carried.issuer === issuer)
    yield* present
    yield* gone.sort((a, b) => b.issuedAt - a.issuedAt).slice(0, Math.max(0, MOST_CARRIED - present.length))
  }

  /** Takes in what was written down of a Certificate before; what its requests tell wins. */
  remember(carried: CarriedCA): void {
    const { certificate } = carried
    const known = this.carriedByCertificate(certificate)
    if (known !== undefined && later(known, carried) === known) return
    if (this.#certificates.has(certificate)) this.#tell(carried)
    else this.#depart(carried)
  }

  #enter(certificate: string): readonly string[] {
    const known = this.#certificates.get(certificate)
    if (known !== undefined) {
      this.#certificates.set(certificate, { ...known, requests: known.requests + 1 })
      return []
    }
    const carried = this.#departed.get(certificate)
    this.#departed.delete(certificate)
    this.#certificates.set(certificate, { requests: 1, carried })
    if (carried === undefined) return []
    addTo(this.#certificatesOf, carried.issuer, certificate)
    return [carried.issuer]
  }

  #leave(certificate: string): readonly string[] {
    const known = this.#certificates.get(certificate)
    if (known === undefined) return []
    const { requests, carried } = known
    if (requests > 1) {
      this.#certificates.set(certificate, { requests: requests - 1, carried })
      return []
    }
    this.#certificates.delete(certificate)
    if (carried === undefined) return []
    dropFrom(this.#certificatesOf, carried.issuer, certificate)
    this.#depart(carried)
    return [carried.issuer]
  }

  #depart(carried: CarriedCA): void {
    const [oldest] = this.#departed.keys()
    if (this.#departed.size >= REMEMBERED && oldest !== undefined) this.#departed.delete(oldest)
    this.#departed.set(carried.certificate, carried)
  }

  #tell(carried: CarriedCA): readonly string[] {
    const { certificate } = carried
    const { requests = 1, carried: known } = this.#certificates.get(certificate) ?? {}
    if (known !== undefined && later(known, carried) === known) return []
    this.#certificates.set(certificate, { requests, carried })
    if (known?.issuer === carried.issuer) return samePair(known.pair, carried.pair) ? [] : [carried.issuer]
    addTo(this.#certificatesOf, carried.issuer, certificate)
    if (known === undefined) return [carried.issuer]
    dropFrom(this.#certificatesOf, known.issuer, certificate)
    // What waited for this Certificate at the issuer that it leaves may go on.
    return [known.issuer, carried.issuer]
  }
}

function later(a: CarriedCA, b: CarriedCA): CarriedCA {
  if (a.issuedAt !== b.issuedAt) return a.issuedAt > b.issuedAt ? a : b
  return a.revision > b.revision ? a : b
}

function openFor(record: RequestRecord | undefined): string | undefined {
  return record?.state === 'open' ? issuerKey(record.issuer) : undefined
}

function openOf(record: RequestRecord | undefined): string | undefined {
  return record?.state === 'open' ? record.facts.namespace : undefined
}

function openBy(record: RequestRecord | undefined): string | undefined {
  return record?.state === 'open' ? record.certificate : undefined
}

type Place = string | undefined

function move(index: Map<string, Set<string>>, key: string, [from, to]: readonly [Place, Place]): void {
  if (from === to) return
  if (from !== undefined) dropFrom(index, from, key)
  if (to !== undefined) addTo(index, to, key)
}

function addTo(index: Map<string, Set<string>>, key: string, member: string): void {
  const members = index.get(key)
  if (members === undefined) index.set(key, new Set([member]))
  else members.add(member)
}

function dropFrom(index: Map<string, Set<string>>, key: string, member: string): void {
  const members = index.get(key)
  members?.delete(member)
  if (members?.size === 0) index.delete(key)
}
