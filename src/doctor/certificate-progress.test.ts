import { formatTime } from '../api/time.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { read, testCertificateFacts, testOwnedRequest, testReadyIssuer } from '../testing/doctor-facts.ts'
import { testRows } from '../testing/doctor-rows.ts'
import type { ClusterFacts } from './facts.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * 3_600_000

const certificate = (change: Parameters<typeof testCertificateFacts>[0]): Partial<ClusterFacts> => ({
  certificates: read([testCertificateFacts(change)]),
})

const AT = 'Certificate istio-system/cacerts'

const issuer = (change: Parameters<typeof testReadyIssuer>[0]): Partial<ClusterFacts> => ({
  issuers: { MeshCAIssuer: read([testReadyIssuer(change)]), MeshCAClusterIssuer: read([]) },
})

const ISSUING = { type: 'Issuing', status: 'True', lastTransitionTime: formatTime(TEST_NOW - HOUR_MS) }
const READY = { type: 'Ready', status: 'True' }
const APPROVED = { type: 'Approved', status: 'True' } as const
const issuing = (
  conditions: Parameters<typeof testOwnedRequest>[0]['conditions'],
  status: Readonly<Record<string, unknown>> = {},
): Partial<ClusterFacts> => ({
  ...certificate({ status: { conditions: [READY, ISSUING], ...status } }),
  requests: read([testOwnedRequest({ conditions })]),
})
const REQUEST = 'CertificateRequest istio-system/cacerts-2'

testRows('issuance', [
  {
    name: 'it fails',
    change: certificate({
      status: {
        conditions: [READY, { type: 'Issuing', status: 'False', message: 'the request has failed: KeyNotAllowed' }],
        failedIssuanceAttempts: 3,
        lastFailureTime: formatTime(TEST_NOW - HOUR_MS),
      },
    }),
    findings: [
      {
        code: 'CertificateFailing',
        where: AT,
        what: 'it failed 3 times in a row, and cert-manager tries again about 2026-11-23T15:00:00Z: the request has failed: KeyNotAllowed',
        remedy: 'mend what the message names, then renew the Certificate (cmctl renew) instead of waiting',
      },
    ],
  },
  {
    name: 'the pause grows to 32 hours at most',
    change: certificate({ status: { failedIssuanceAttempts: 20, lastFailureTime: formatTime(TEST_NOW - HOUR_MS) } }),
    findings: [
      {
        code: 'CertificateFailing',
        where: AT,
        what: 'it failed 20 times in a row, and cert-manager tries again about 2026-11-24T19:00:00Z: no message',
        remedy: 'mend what the message names, then renew the Certificate (cmctl renew) instead of waiting',
      },
    ],
  },
  {
    name: 'nobody approves',
    change: issuing([]),
    findings: [
      {
        code: 'RequestUnapproved',
        where: REQUEST,
        what: 'nobody has approved it for 1 hour, and nothing is signed before that',
        remedy:
          'see that cert-manager runs, that its approver may approve (config/rbac/approver.yaml), or approve it yourself (cmctl approve)',
      },
    ],
  },
  {
    name: 'the request waits',
    change: issuing([APPROVED, { type: 'Ready', status: 'False', reason: 'Pending', message: 'the PKI is away' }]),
    findings: [
      {
        code: 'RequestWaiting',
        where: REQUEST,
        what: 'it has waited for 1 hour: the PKI is away',
        remedy: 'mend what the message names; the request is then taken up by itself',
      },
    ],
  },
  {
    name: 'nobody looks at the request',
    change: issuing([APPROVED]),
    findings: [
      {
        code: 'RequestWaiting',
        where: REQUEST,
        what: 'it has waited for 1 hour: no controller has looked at it',
        remedy:
          'see that mesh-ca-issuer runs, serves this namespace and kind of issuer (--watch-namespaces), and holds its Lease (kubectl get pods,leases -A | grep mesh-ca-issuer)',
      },
    ],
  },
  { name: 'the request is settled', change: issuing([APPROVED, { type: 'Ready', status: 'True' }]), findings: [] },
  {
    name: 'a renewal is late',
    change: certificate({ status: { renewalTime: formatTime(TEST_NOW - HOUR_MS) } }),
    findings: [
      {
        code: 'RenewalOverdue',
        where: AT,
        what: 'its renewal was due at 2026-11-23T11:00:00Z, and cert-manager has not begun',
        remedy: "see that cert-manager's controller runs, and look at its log",
      },
    ],
  },
  {
    name: 'nothing was ever issued',
    change: certificate({
      status: { conditions: [{ ...READY, status: 'False', message: 'Secret does not exist' }], revision: undefined },
    }),
    findings: [
      {
        code: 'CertificateNotReady',
        where: AT,
        what: 'it was never issued: Secret does not exist',
        remedy: "look at its events (kubectl describe) and at cert-manager's log",
      },
    ],
  },
  {
    name: 'what was issued is not good any more',
    change: certificate({ status: { conditions: [] } }),
    findings: [
      {
        code: 'CertificateNotReady',
        where: AT,
        what: 'what it was issued is not good any more: cert-manager has not looked at it',
        remedy: "look at its events (kubectl describe) and at cert-manager's log",
      },
    ],
  },
  {
    name: 'it would outlive its authority',
    change: issuer({ authorityEnds: TEST_NOW + 100 * DAY_MS }),
    findings: [
      {
        code: 'AuthorityEndsFirst',
        where: AT,
        what: 'when it is next renewed (2027-01-21T12:00:00Z) it would outlive what signs it (the CA, or the root above it, ends at 2027-03-03T12:00:00Z), and the request then waits',
        remedy: 'renew that CA in the PKI before, or set a shorter duration',
      },
    ],
  },
])
