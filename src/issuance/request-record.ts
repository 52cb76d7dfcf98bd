import { type Condition, findCondition } from '../api/condition.ts'
import type { IssuerKind } from '../api/names.ts'
import { parseTime } from '../api/time.ts'
import type { Carried } from '../trust/rollout.ts'
import type { RequestFacts } from './facts.ts'

/** The issuer that a request names. */
export interface IssuerTarget {
  readonly kind: IssuerKind
  /** Empty for the cluster kind. */
  readonly namespace: string
  readonly name: string
}

/** What a Certificate carries, as one of its requests tells: left behind by an issued one, noted on any other. */
export interface CarriedCA extends Carried {
  /** Key of the issuer that signed; see `issuerKey`. */
  readonly issuer: string
  /** Epoch milliseconds. */
  readonly issuedAt: number
  readonly revision: number
  /** Of its certificate, where a finished request still tells; epoch milliseconds. */
  readonly validity?: { readonly notBefore: number; readonly notAfter: number }
}

/** What the cache keeps of a request: little of a finished one, all that counts of an open one. */
export type RequestRecord =
  | (CommonRecord & { readonly state: 'unapproved' })
  | (CommonRecord & { readonly state: 'settled' })
  | (CommonRecord & { readonly state: 'elsewhere'; readonly issuer: IssuerTarget })
  | OpenRecord

/** What every record tells. */
export interface CommonRecord {
  readonly uid: string
  /**
   * The Certificate that controls the request, `namespace/name`; for CA requests only. By its name and not its UID, since a
   * Certificate that is made anew finds the Secret of the one before it.
   */
  readonly certificate?: string
  readonly carried?: CarriedCA
}

export interface OpenRecord extends CommonRecord {
  readonly state: 'open' | 'denied'
  readonly resourceVersion: string
  readonly issuer: IssuerTarget
  readonly facts: RequestFacts
  /** The Ready condition as it stands. */
  readonly ready: Condition | undefined
  /** What a PKI that has taken the request named it, as an earlier attempt wrote it down. */
  readonly ticket?: string
}

/** What a finished request published. */
export type Published = Pick<Carried, 'pair'> & Required<Pick<CarriedCA, 'validity'>>

/** Reads that out of its PEM; undefined where there is none to read. */
export type PublishedReader = (certificate: string, ca: string) => Published | undefined

export function issuerKey({ kind, namespace, name }: Readonly<Record<keyof IssuerTarget, string>>): string {
  return `${kind}/${namespace}/${name}`
}

/** Whether somebody has to act on it. */
export function isOpen(record: RequestRecord | undefined): record is OpenRecord {
  return record?.state === 'open' || record?.state === 'denied'
}

/** When a request was approved, or made where nothing says that; epoch milliseconds. */
export function approvalTime(conditions: readonly Condition[], creationTimestamp: string): number {
  return parseTime(findCondition(conditions, 'Approved')?.lastTransitionTime) ?? parseTime(creationTimestamp) ?? 0
}
