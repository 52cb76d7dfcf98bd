import type { Backend, OpenedBackend, SigningError, SigningRequest, SigningResult } from '../backends/backend.ts'
import { AttemptLog } from '../controllers/attempt-log.ts'
import type { CurrentIssuer } from '../controllers/issuers.ts'
import type { RequestsDeps, WriteResult } from '../controllers/requests.ts'
import { recordOfCertificateRequest } from '../issuance/certificate-request-record.ts'
import type { Verdict } from '../issuance/conclude.ts'
import type { OpenRecord, RequestRecord } from '../issuance/request-record.ts'
import { issued, testAnswer } from './answers.ts'
import { TEST_ROOT, testAuthority, testCertificateRequest, testReadiness, testSpec } from './builders.ts'
import { TEST_NOW } from './certificates.ts'
import { testSign } from './decisions.ts'

type Sign = Backend['sign']

/** What surrounds the loop of requests, to be changed by a test as it goes. */
export interface RequestWorld {
  record: RequestRecord | undefined
  now: number
  /** What the issuer's check comes to. */
  issuer: () => Promise<CurrentIssuer | undefined>
  /** How the back end signs. */
  sign: Sign
  write: (record: OpenRecord, verdict: Verdict) => Promise<WriteResult>
  mayAct: boolean
}

export interface RequestLog {
  readonly deps: RequestsDeps
  readonly log: readonly string[]
  readonly verdicts: readonly Verdict[]
  readonly sent: readonly SigningRequest[]
  readonly attempts: AttemptLog
  /** Back end, outcome and milliseconds of each call to it. */
  readonly calls: readonly string[]
  /** Forgets the log so far and gives it. */
  readonly take: () => readonly string[]
}

/** An approved request `istio-system/istio-ca-1`. */
export function testOpenRecord(change: Parameters<typeof testCertificateRequest>[0] = {}): OpenRecord {
  const record = recordOfCertificateRequest(testCertificateRequest(change), () => undefined)
  if (record === undefined || !('facts' in record)) throw new Error('the request is not open')
  return record
}

/** A ready issuer whose root signs as `sign` does. */
export function readyIssuer(sign: Sign, rest: Partial<OpenedBackend> = {}): CurrentIssuer {
  const authority = testAuthority(TEST_ROOT)
  return {
    facts: { clusterScoped: false, spec: testSpec(), readiness: testReadiness(authority) },
    backend: { check: async () => authority, sign, ...rest },
  }
}

/** What a good PKI answers. */
export async function signWell(request: SigningRequest): Promise<SigningResult> {
  return issued(testAnswer(testSign(request)))
}

export function signBadly(error: SigningError | Error): Sign {
  return () => Promise.reject(error)
}

/** A good request, a ready issuer and a good PKI. */
export function requestWorld(): RequestWorld & RequestLog {
  const log: string[] = []
  const verdicts: Verdict[] = []
  const sent: SigningRequest[] = []
  const calls: string[] = []
  const attempts = new AttemptLog()
  const world: RequestWorld = {
    record: testOpenRecord(),
    now: TEST_NOW + 5000,
    issuer: async () =>
      readyIssuer(
        (request, signal) => {
          log.push(`sign ${request.uid}`)
          sent.push(request)
          return world.sign(request, signal)
        },
        { discard: async ({ subject }) => void log.push(`discard ${subject.text}`) },
      ),
    sign: signWell,
    write: async () => 'written',
    mayAct: true,
  }
  const deps: RequestsDeps = {
    record: () => world.record,
    issuer: (key) => {
      log.push(`issuer ${key}`)
      return world.issuer()
    },
    namespaceLabels: () => ({}),
    carriedByCertificate: () => undefined,
    carriedByIssuer: () => [],
    write: (key, record, verdict) => {
      log.push(`write ${key} ${verdict.reason}`)
      verdicts.push(verdict)
      return world.write(record, verdict)
    },
    tell: (_key, _record, { type, reason }) => log.push(`tell ${type} ${reason}`),
    recheckIssuer: (issuer, error) => log.push(`recheck ${issuer}${error === undefined ? '' : ` ${error.code}`}`),
    issued: (issuer, { name, serialNumber }) => log.push(`issued ${issuer} ${name} ${serialNumber.length}`),
    observe: ({ reason, code, sinceApprovalMs }) => log.push(`observe ${reason} ${code} ${sinceApprovalMs}`),
    signed: (backend, outcome, tookMs) => calls.push(`${backend} ${outcome} ${tookMs}`),
    mayAct: () => world.mayAct,
    attempts,
    clusterId: 'cluster-1',
    now: () => world.now,
  }
  return Object.assign(world, { deps, log, verdicts, sent, calls, attempts, take: () => log.splice(0) })
}
