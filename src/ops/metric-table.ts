/** A metric as it is documented and made: docs/metrics.md holds the same table. */
export interface MetricDescription {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
  /** Upper bounds of a histogram, seconds. */
  readonly buckets?: readonly number[]
}

/** Not `namespace`: a scraper puts that of the pod there. */
const ISSUER = ['kind', 'issuer'] as const
const QUOTA = [...ISSUER, 'operation'] as const

/** Everything that /metrics can show. Names are kept once they are published. */
export const METRICS = {
  requests: {
    name: 'meshca_requests_total',
    type: 'counter',
    labels: ['backend', 'kind', 'outcome'],
    help: 'Attempts at requests whose outcome was written, by back end, kind of request and outcome.',
  },
  refusals: {
    name: 'meshca_refusals_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Attempts that ended without a certificate, by the reason that the event of the request has.',
  },
  issuance: {
    name: 'meshca_issuance_seconds',
    type: 'histogram',
    labels: ['backend', 'kind'],
    help: 'From approval of a request to its written certificate.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  sign: {
    name: 'meshca_sign_seconds',
    type: 'histogram',
    labels: ['backend', 'outcome'],
    help: 'How long the PKI took to answer one request to sign.',
    buckets: [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  pkiErrors: {
    name: 'meshca_pki_errors_total',
    type: 'counter',
    labels: ['backend', 'reason'],
    help: 'Requests to sign that the PKI refused or did not answer, by reason.',
  },
  incidents: {
    name: 'meshca_pki_incidents_total',
    type: 'counter',
    labels: ['backend', 'what'],
    help: 'Between a back end and its PKI: throttled and retried calls, logins, and stray certificates that nobody was given.',
  },
  open: {
    name: 'meshca_requests',
    type: 'gauge',
    labels: ['kind', 'state'],
    help: 'Requests that name one of our issuers, by state.',
  },
  oldest: {
    name: 'meshca_oldest_open_request_seconds',
    type: 'gauge',
    labels: ['kind'],
    help: 'Since the approval of the request that has waited longest; 0 where none waits.',
  },
  issuerReady: {
    name: 'meshca_issuer_ready',
    type: 'gauge',
    labels: ISSUER,
    help: '1 where the condition Ready of the issuer is True for the spec that stands.',
  },
  authorityEnd: {
    name: 'meshca_issuer_authority_not_after_timestamp_seconds',
    type: 'gauge',
    labels: ISSUER,
    help: "When the issuer's CA ends, or a CA between it and its root where that ends before; nothing is issued beyond it.",
  },
  authorityStart: {
    name: 'meshca_issuer_authority_not_before_timestamp_seconds',
    type: 'gauge',
    labels: ISSUER,
    help: 'When the CA whose end that is began: what is soon for it depends on how long it lives.',
  },
  rootEnd: {
    name: 'meshca_issuer_root_not_after_timestamp_seconds',
    type: 'gauge',
    labels: ISSUER,
    help: "When the root that the issuer's CA chains to ends.",
  },
  additionalRootEnd: {
    name: 'meshca_issuer_additional_root_not_after_timestamp_seconds',
    type: 'gauge',
    labels: ISSUER,
    help: 'When the first of the roots ends that the issuer publishes beside the active one; it is not ready from then on.',
  },
  duration: {
    name: 'meshca_issuer_default_duration_seconds',
    type: 'gauge',
    labels: ISSUER,
    help: 'How long a certificate lasts that was asked for without a duration: with less left than that, the CA is too old for it.',
  },
  bundle: {
    name: 'meshca_issuer_trust_bundle_info',
    type: 'gauge',
    labels: [...ISSUER, 'sha256', 'root'],
    help: 'Always 1; sha256 of the ca.crt that the issuer publishes and fingerprint of its active root, to compare clusters.',
  },
  quotaRate: {
    name: 'meshca_issuer_quota_calls_per_second',
    type: 'gauge',
    labels: QUOTA,
    help: 'The rate of calls that is kept to at the PKI of the issuer, as it was learned.',
  },
  quotaTokens: {
    name: 'meshca_issuer_quota_tokens',
    type: 'gauge',
    labels: QUOTA,
    help: 'How many of these calls may be made at once; below 1, the next one waits.',
  },
  quotaWaiting: {
    name: 'meshca_issuer_quota_waiting_requests',
    type: 'gauge',
    labels: QUOTA,
    help: 'Requests that wait for their turn to make such a call.',
  },
  intermediateEnd: {
    name: 'meshca_intermediate_not_after_timestamp_seconds',
    type: 'gauge',
    labels: ['certificate'],
    help: 'When the intermediate that the Certificate carries ends.',
  },
  intermediateRenewal: {
    name: 'meshca_intermediate_renewal_timestamp_seconds',
    type: 'gauge',
    labels: ['certificate'],
    help: "When cert-manager renews the intermediate by its default: two thirds into its life. The Certificate's own renewBefore is not known here.",
  },
  unlisted: {
    name: 'meshca_unlisted',
    type: 'gauge',
    labels: ['what'],
    help: 'Issuers and intermediates beyond the 1,000 of each that have series of their own: those that end last are left out.',
  },
  queue: {
    name: 'meshca_queue_depth',
    type: 'gauge',
    labels: ['queue'],
    help: 'Keys that wait to be worked on, by queue.',
  },
  reflectorAge: {
    name: 'meshca_reflector_age_seconds',
    type: 'gauge',
    labels: [],
    help: 'Since the API server was last heard of, the worst of all watches; a minute is normal.',
  },
  leader: {
    name: 'meshca_leader',
    type: 'gauge',
    labels: [],
    help: '1 where this process acts, 0 where it stands by.',
  },
  memory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    labels: [],
    help: 'Resident memory size in bytes.',
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    labels: [],
    help: 'User and system CPU time spent in seconds.',
  },
} as const satisfies Readonly<Record<string, MetricDescription>>
