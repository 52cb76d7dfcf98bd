import { type IssuedCA, issuerKey, type RequestRecord } from '../issuance/request-record.ts'

/** What a change of a request means to others. */
export interface IndexChange {
  /** The issuer whose Certificates now carry something else; undefined where nothing of the kind changed. */
  readonly carriedBy: string | undefined
}

/**
 * Answers, without a walk over all requests: which open requests wait for an issuer, what a Certificate carries, and what
 * all Certificates of an issuer carry. Fed with every change that the reflectors see.
 */
export class RequestIndex {
  readonly #open = new Map<string, Set<string>>()
  readonly #byOwner = new Map<string, readonly IssuedCA[]>()
  readonly #owners = new Map<string, Set<string>>()

  change(key: string, before: RequestRecord | undefined, after: RequestRecord | undefined): IndexChange {
    const [wasOpenFor, isOpenFor] = [openFor(before), openFor(after)]
    if (wasOpenFor !== isOpenFor) {
      if (wasOpenFor !== undefined) dropFrom(this.#open, wasOpenFor, key)
      if (isOpenFor !== undefined) addTo(this.#open, isOpenFor, key)
    }
    return this.#changeIssued(issuedOf(before), issuedOf(after))
  }

  /** Keys of the open requests that name this issuer. */
  openFor(issuer: string): readonly string[] {
    return [...(this.#open.get(issuer) ?? [])]
  }

  /** Keys of all open requests. */
  allOpen(): readonly string[] {
    return [...this.#open.values()].flatMap((keys) => [...keys])
  }

  /** What the Certificate with this UID carries: its last issued CA request. */
  carriedByOwner(owner: string): IssuedCA | undefined {
    return this.#byOwner.get(owner)?.reduce(later)
  }

  /** What the Certificates of an issuer carry, one entry each. */
  carriedByIssuer(issuer: string): Iterable<IssuedCA> {
    const owners = this.#owners.get(issuer) ?? []
    const carriedByOwner = (owner: string) => this.carriedByOwner(owner)
    return {
      *[Symbol.iterator]() {
        for (const owner of owners) {
          const carried = carriedByOwner(owner)
          if (carried?.issuer === issuer) yield carried
        }
      },
    }
  }

  #changeIssued(before: IssuedCA | undefined, after: IssuedCA | undefined): IndexChange {
    const owner = (after ?? before)?.owner
    if (owner === undefined) return { carriedBy: undefined }
    const carriedBefore = this.carriedByOwner(owner)
    const kept = (this.#byOwner.get(owner) ?? []).filter((issued) => issued !== before)
    const now = after === undefined ? kept : [...kept, after]
    if (now.length === 0) this.#byOwner.delete(owner)
    else this.#byOwner.set(owner, now)
    this.#indexOwner(owner, carriedBefore?.issuer)
    const carried = this.carriedByOwner(owner)
    return { carriedBy: carried?.pair === carriedBefore?.pair ? undefined : (carried ?? carriedBefore)?.issuer }
  }

  #indexOwner(owner: string, issuerBefore: string | undefined): void {
    const issuerNow = this.carriedByOwner(owner)?.issuer
    if (issuerNow === issuerBefore) return
    if (issuerBefore !== undefined) dropFrom(this.#owners, issuerBefore, owner)
    if (issuerNow !== undefined) addTo(this.#owners, issuerNow, owner)
  }
}

function later(a: IssuedCA, b: IssuedCA): IssuedCA {
  if (a.issuedAt !== b.issuedAt) return a.issuedAt > b.issuedAt ? a : b
  return a.revision > b.revision ? a : b
}

function openFor(record: RequestRecord | undefined): string | undefined {
  return record?.state === 'open' ? issuerKey(record.issuer) : undefined
}

function issuedOf(record: RequestRecord | undefined): IssuedCA | undefined {
  return record?.state === 'settled' ? record.issued : undefined
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
