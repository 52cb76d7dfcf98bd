import type { IssuerReference } from '../api/certificate-request.ts'
import { type Condition, readConditions } from '../api/condition.ts'
import { DurationError, parseDuration } from '../api/duration.ts'
import { readObjectMeta } from '../api/metadata.ts'
import { isObject, type JsonObject, readInteger, readObject, readString, readStrings, readText } from '../api/read.ts'
import { parseTime } from '../api/time.ts'

/** A cert-manager Certificate, as far as it says what becomes of istiod's CA. Durations in milliseconds, instants in epoch milliseconds. */
export interface CertificateFacts {
  readonly namespace: string
  readonly name: string
  readonly secretName: string
  readonly isCA: boolean
  /** As written; cert-manager adds `cert sign` to those of a CA. */
  readonly usages: readonly string[]
  readonly durationMs: number
  /** How long before its end it is renewed, whichever way that was written. */
  readonly renewBeforeMs: number
  readonly rotationPolicy: string | undefined
  readonly issuerRef: IssuerReference
  /** Wants a self-signed stand-in while it waits. */
  readonly temporary: boolean
  readonly ready: Condition | undefined
  readonly issuing: Condition | undefined
  readonly notAfter: number | undefined
  readonly renewalTime: number | undefined
  readonly revision: number
  /** Failures in a row. */
  readonly failures: number
  readonly lastFailure: number | undefined
}

/** cert-manager's standards (pkg/apis/certmanager/v1/types_certificate.go). */
const STANDARD_DURATION_MS = 90 * 24 * 3_600_000
const STANDARD_SHARE = 1 / 3

const TEMPORARY = 'cert-manager.io/issue-temporary-certificate'

/** Reads an object of the API server; undefined where it is no complete Certificate. */
export function readCertificate(object: unknown): CertificateFacts | undefined {
  if (!isObject(object)) return undefined
  const metadata = readObjectMeta(object.metadata)
  const spec = readObject(object.spec)
  const secretName = readText(spec?.secretName)
  if (metadata?.namespace === undefined || spec === undefined || secretName === undefined) return undefined
  const durationMs = readDuration(spec.duration) ?? STANDARD_DURATION_MS
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    secretName,
    isCA: spec.isCA === true,
    usages: readStrings(spec.usages) ?? [],
    durationMs,
    renewBeforeMs: renewBeforeOf(spec, durationMs),
    rotationPolicy: readText(readObject(spec.privateKey)?.rotationPolicy),
    issuerRef: readReference(spec.issuerRef),
    temporary: metadata.annotations[TEMPORARY] === 'true',
    ...readStatus(readObject(object.status) ?? {}),
  }
}

type Status = Pick<
  CertificateFacts,
  'ready' | 'issuing' | 'notAfter' | 'renewalTime' | 'revision' | 'failures' | 'lastFailure'
>

function readStatus(status: JsonObject): Status {
  const conditions = readConditions(status.conditions)
  const instant = (value: unknown): number | undefined => parseTime(readString(value))
  return {
    ready: conditions.find(({ type }) => type === 'Ready'),
    issuing: conditions.find(({ type }) => type === 'Issuing'),
    notAfter: instant(status.notAfter),
    renewalTime: instant(status.renewalTime),
    revision: readInteger(status.revision) ?? 0,
    failures: readInteger(status.failedIssuanceAttempts) ?? 0,
    lastFailure: instant(status.lastFailureTime),
  }
}

function renewBeforeOf(spec: JsonObject, durationMs: number): number {
  const percentage = readInteger(spec.renewBeforePercentage)
  if (percentage !== undefined) return (durationMs * percentage) / 100
  return readDuration(spec.renewBefore) ?? durationMs * STANDARD_SHARE
}

function readReference(value: unknown): IssuerReference {
  const reference = readObject(value)
  const member = (name: string): string => readString(reference?.[name]) ?? ''
  return { group: member('group'), kind: member('kind'), name: member('name') }
}

function readDuration(value: unknown): number | undefined {
  const text = readText(value)
  if (text === undefined) return undefined
  try {
    return parseDuration(text)
  } catch (error) {
    if (error instanceof DurationError) return undefined
    throw error
  }
}
