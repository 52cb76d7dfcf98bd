import { type CertificateRequest, isApproved, isDenied, isSettled, READY } from '../api/certificate-request.ts'
import { findCondition } from '../api/condition.ts'
import type { Issuer } from '../api/issuer.ts'
import { controllerOf } from '../api/metadata.ts'
import { formatTime, parseTime } from '../api/time.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import { whereOf } from './certificate-settings.ts'
import { type Finding, finding } from './finding.ts'
import { authorityEnd } from './issuer-findings.ts'
import { count, span } from './words.ts'

export interface ProgressFacts {
  /** Those of the namespace. */
  readonly requests: readonly CertificateRequest[]
  /** The issuer of ours that the Certificate names, where it does. */
  readonly issuer: Issuer | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

const HOUR_MS = 3_600_000
/** What is done within this time is not late. */
const PATIENCE_MS = 60_000
/** cert-manager's longest pause between two attempts: 32 hours. */
const LONGEST_PAUSE_MS = 32 * HOUR_MS

/** Where the issuance of a Certificate stands still, and what will hold its next one up. */
export function progressFindings(certificate: CertificateFacts, facts: ProgressFacts): readonly Finding[] {
  const stuck =
    failing(certificate) ?? waiting(certificate, facts) ?? overdue(certificate, facts) ?? notReady(certificate, facts)
  const ahead = authorityEndsFirst(certificate, facts)
  return [stuck, ahead].filter((one) => one !== undefined)
}

function failing(certificate: CertificateFacts): Finding | undefined {
  const { failures, lastFailure, issuing } = certificate
  if (failures === 0 || lastFailure === undefined || issuing?.status === 'True') return undefined
  const again = lastFailure + Math.min(LONGEST_PAUSE_MS, HOUR_MS * 2 ** (failures - 1))
  return finding('CertificateFailing', {
    where: whereOf(certificate),
    what: `it failed ${count(failures, 'time')} in a row, and cert-manager tries again about ${formatTime(again)}: ${issuing?.message ?? 'no message'}`,
    remedy: 'mend what the message names, then renew the Certificate (cmctl renew) instead of waiting',
  })
}

function waiting(certificate: CertificateFacts, { requests, now }: ProgressFacts): Finding | undefined {
  const request = openRequest(certificate, requests)
  const since = request === undefined ? undefined : parseTime(request.metadata.creationTimestamp)
  if (request === undefined || since === undefined || now - since < PATIENCE_MS) return undefined
  const where = `CertificateRequest ${request.metadata.namespace}/${request.metadata.name}`
  if (!isApproved(request)) {
    return finding('RequestUnapproved', {
      where,
      what: `nobody has approved it for ${span(now - since)}, and nothing is signed before that`,
      remedy:
        'see that cert-manager runs, that its approver may approve (config/rbac/approver.yaml), or approve it yourself (cmctl approve)',
    })
  }
  const ready = findCondition(request.status.conditions, READY)
  return finding('RequestWaiting', {
    where,
    what: `it has waited for ${span(now - since)}: ${ready?.message ?? 'no controller has looked at it'}`,
    remedy:
      ready?.message === undefined
        ? 'see that mesh-ca-issuer runs, serves this namespace and kind of issuer (--watch-namespaces), and holds its Lease (kubectl get pods,leases -A | grep mesh-ca-issuer)'
        : 'mend what the message names; the request is then taken up by itself',
  })
}

/** The newest request of the Certificate that is neither issued nor given up. */
function openRequest(
  certificate: CertificateFacts,
  requests: readonly CertificateRequest[],
): CertificateRequest | undefined {
  if (certificate.issuing?.status !== 'True') return undefined
  return requests
    .filter((request) => {
      const owner = controllerOf(request.metadata)
      const own =
        owner?.kind === 'Certificate' &&
        owner.name === certificate.name &&
        request.metadata.namespace === certificate.namespace
      return own && !isSettled(request) && !isDenied(request)
    })
    .toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))[0]
}

function overdue(certificate: CertificateFacts, { now }: ProgressFacts): Finding | undefined {
  const { renewalTime, issuing } = certificate
  if (renewalTime === undefined || now - renewalTime < PATIENCE_MS || issuing?.status === 'True') return undefined
  return finding('RenewalOverdue', {
    where: whereOf(certificate),
    what: `its renewal was due at ${formatTime(renewalTime)}, and cert-manager has not begun`,
    remedy: "see that cert-manager's controller runs, and look at its log",
  })
}

function notReady(certificate: CertificateFacts, { now }: ProgressFacts): Finding | undefined {
  const { ready, issuing, revision } = certificate
  const begun = parseTime(issuing?.lastTransitionTime)
  const fresh = issuing?.status === 'True' && begun !== undefined && now - begun < PATIENCE_MS
  if (ready?.status === 'True' || fresh) return undefined
  return finding('CertificateNotReady', {
    where: whereOf(certificate),
    what: `${revision === 0 ? 'it was never issued' : 'what it was issued is not good any more'}: ${ready?.message ?? 'cert-manager has not looked at it'}`,
    remedy: "look at its events (kubectl describe) and at cert-manager's log",
  })
}

function authorityEndsFirst(certificate: CertificateFacts, { issuer, now }: ProgressFacts): Finding | undefined {
  const ends = issuer === undefined ? undefined : authorityEnd(issuer)
  const next = Math.max(now, certificate.renewalTime ?? now)
  if (ends === undefined || next + certificate.durationMs <= ends) return undefined
  return finding('AuthorityEndsFirst', {
    where: whereOf(certificate),
    what: `when it is next renewed (${formatTime(next)}) it would outlive what signs it (the CA, or the root above it, ends at ${formatTime(ends)}), and the request then waits`,
    remedy: 'renew that CA in the PKI before, or set a shorter duration',
  })
}
