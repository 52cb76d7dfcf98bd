import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { issuerStatus } from '../api/schema/status.ts'
import type { QuotaUse } from '../backends/backend.ts'
import type { Incident } from '../backends/services.ts'
import { LABEL_VALUES } from './labels.ts'
import { type Attempt, makeMetrics } from './metrics.ts'
import type { GaugeSources, Observed } from './scraped-gauges.ts'

const ISSUED: Attempt = {
  backend: 'CA',
  kind: 'CertificateRequest',
  outcome: 'Issued',
  reason: 'Issued',
  sinceApprovalMs: 400,
}
const NOTHING: Observed = { requests: [], issuers: [], intermediates: [] }

function sources(change: Partial<GaugeSources> = {}): GaugeSources {
  return {
    queueDepths: () => ({ issuers: 3 }),
    reflectorAgeSeconds: () => 1.5,
    isLeader: () => true,
    observed: () => NOTHING,
    ...change,
  }
}

/** Samples by name and labels, without comments. */
async function samples({ text }: ReturnType<typeof makeMetrics>): Promise<ReadonlyMap<string, string>> {
  const lines = (await text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]))
}

/** The samples of some metrics, in their order. */
async function samplesOf(metrics: ReturnType<typeof makeMetrics>, prefix: string): Promise<readonly string[]> {
  return [...(await samples(metrics))].filter(([name]) => name.startsWith(prefix)).map((sample) => sample.join(' '))
}

test('gauges are read at each scrape', async () => {
  let depth = 3
  const metrics = makeMetrics(sources({ queueDepths: () => ({ issuers: depth }) }))
  assert.deepEqual(await samplesOf(metrics, 'meshca_queue'), ['meshca_queue_depth{queue="issuers"} 3'])
  depth = 0
  const read = await samples(metrics)
  assert.deepEqual(
    ['meshca_queue_depth{queue="issuers"}', 'meshca_reflector_age_seconds', 'meshca_leader'].map((name) =>
      read.get(name),
    ),
    ['0', '1.5', '1'],
  )
  assert.ok(Number(read.get('process_resident_memory_bytes')) > 1e6)
  assert.ok(Number(read.get('process_cpu_seconds_total')) > 0)
})

test('attempts are counted by back end, kind and outcome, and only what was issued by time', async () => {
  const metrics = makeMetrics(sources())
  metrics.attempt(ISSUED)
  metrics.attempt({ ...ISSUED, sinceApprovalMs: 600 })
  metrics.attempt({ ...ISSUED, backend: undefined, outcome: 'Pending', reason: 'IssuerNotFound', sinceApprovalMs: 9e9 })
  assert.deepEqual(await samplesOf(metrics, 'meshca_requests_total'), [
    'meshca_requests_total{backend="CA",kind="CertificateRequest",outcome="Issued"} 2',
    'meshca_requests_total{backend="other",kind="CertificateRequest",outcome="Pending"} 1',
  ])
  assert.deepEqual(await samplesOf(metrics, 'meshca_refusals'), ['meshca_refusals_total{reason="IssuerNotFound"} 1'])
  const read = await samples(metrics)
  assert.equal(read.get('meshca_issuance_seconds_count{backend="CA",kind="CertificateRequest"}'), '2')
  assert.equal(read.get('meshca_issuance_seconds_sum{backend="CA",kind="CertificateRequest"}'), '1')
})

test('calls to a PKI are measured by back end and outcome, and what went wrong is counted by reason', async () => {
  const metrics = makeMetrics(sources())
  metrics.signed('CA', 'issued', 20)
  metrics.signed('Vault', 'permission-denied', 2000)
  metrics.signed('Vault', 'failed', 1000)
  const read = await samples(metrics)
  assert.equal(read.get('meshca_sign_seconds_bucket{le="0.025",backend="CA",outcome="issued"}'), '1')
  assert.equal(read.get('meshca_sign_seconds_sum{backend="Vault",outcome="refused"}'), '2')
  assert.equal(read.get('meshca_sign_seconds_sum{backend="Vault",outcome="failed"}'), '1')
  assert.deepEqual(await samplesOf(metrics, 'meshca_pki_errors'), [
    'meshca_pki_errors_total{backend="Vault",reason="PermissionDenied"} 1',
    'meshca_pki_errors_total{backend="Vault",reason="Failed"} 1',
  ])
})

test('incidents are counted by back end and what they are, from 0, so that the first is an increase', async () => {
  const metrics = makeMetrics(sources())
  metrics.incident('AWSPrivateCA', 'stray')
  assert.deepEqual(await samplesOf(metrics, 'meshca_pki_incidents_total{backend="AWSPrivateCA"'), [
    'meshca_pki_incidents_total{backend="AWSPrivateCA",what="throttled"} 0',
    'meshca_pki_incidents_total{backend="AWSPrivateCA",what="retried"} 0',
    'meshca_pki_incidents_total{backend="AWSPrivateCA",what="login"} 0',
    'meshca_pki_incidents_total{backend="AWSPrivateCA",what="stray"} 1',
  ])
})

const OBSERVED: Observed = {
  requests: [{ kind: 'CertificateRequest', states: { open: 2, settled: 7 }, oldestOpenMs: 90_000 }],
  issuers: [
    {
      kind: 'MeshCAIssuer',
      issuer: 'a/mesh',
      ready: true,
      defaultDurationMs: 60_000,
      authority: { notBefore: 500_000, notAfter: 1_000_000 },
      rootNotAfter: 2_000_000,
      additionalRootNotAfter: 1_500_000,
      bundle: { sha256: 'aa', root: 'bb' },
      quotas: [
        { operation: 'IssueCertificate', perSecond: 12.5, tokens: 0.25, waiting: 40 },
        { operation: 'GetCertificate', perSecond: 75, tokens: 75, waiting: 0 },
      ],
    },
    {
      kind: 'MeshCAClusterIssuer',
      issuer: 'mesh',
      ready: false,
      defaultDurationMs: 1000,
      authority: undefined,
      rootNotAfter: undefined,
      additionalRootNotAfter: undefined,
      bundle: undefined,
      quotas: [],
    },
  ],
  intermediates: [
    { certificate: 'a/cacerts', notAfter: 3_000_000, renewalAt: 2_500_000 },
    { certificate: 'a/unread', notAfter: undefined, renewalAt: undefined },
  ],
}

const QUOTA_LABELS = 'kind="MeshCAIssuer",issuer="a/mesh",operation'

test('what is known of requests, issuers and intermediates is shown, and gone with them', async () => {
  let observed = OBSERVED
  const metrics = makeMetrics(sources({ observed: () => observed }))
  const shown = async () =>
    (
      await Promise.all(
        ['meshca_requests{', 'meshca_oldest', 'meshca_issuer_', 'meshca_inter', 'meshca_unl'].map((prefix) =>
          samplesOf(metrics, prefix),
        ),
      )
    ).flat()
  assert.deepEqual(await shown(), [
    'meshca_requests{kind="CertificateRequest",state="open"} 2',
    'meshca_requests{kind="CertificateRequest",state="settled"} 7',
    'meshca_oldest_open_request_seconds{kind="CertificateRequest"} 90',
    'meshca_issuer_ready{kind="MeshCAIssuer",issuer="a/mesh"} 1',
    'meshca_issuer_ready{kind="MeshCAClusterIssuer",issuer="mesh"} 0',
    'meshca_issuer_authority_not_after_timestamp_seconds{kind="MeshCAIssuer",issuer="a/mesh"} 1000',
    'meshca_issuer_authority_not_before_timestamp_seconds{kind="MeshCAIssuer",issuer="a/mesh"} 500',
    'meshca_issuer_root_not_after_timestamp_seconds{kind="MeshCAIssuer",issuer="a/mesh"} 2000',
    'meshca_issuer_additional_root_not_after_timestamp_seconds{kind="MeshCAIssuer",issuer="a/mesh"} 1500',
    'meshca_issuer_default_duration_seconds{kind="MeshCAIssuer",issuer="a/mesh"} 60',
    'meshca_issuer_default_duration_seconds{kind="MeshCAClusterIssuer",issuer="mesh"} 1',
    'meshca_issuer_trust_bundle_info{kind="MeshCAIssuer",issuer="a/mesh",sha256="aa",root="bb"} 1',
    `meshca_issuer_quota_calls_per_second{${QUOTA_LABELS}="IssueCertificate"} 12.5`,
    `meshca_issuer_quota_calls_per_second{${QUOTA_LABELS}="GetCertificate"} 75`,
    `meshca_issuer_quota_tokens{${QUOTA_LABELS}="IssueCertificate"} 0.25`,
    `meshca_issuer_quota_tokens{${QUOTA_LABELS}="GetCertificate"} 75`,
    `meshca_issuer_quota_waiting_requests{${QUOTA_LABELS}="IssueCertificate"} 40`,
    `meshca_issuer_quota_waiting_requests{${QUOTA_LABELS}="GetCertificate"} 0`,
    'meshca_intermediate_not_after_timestamp_seconds{certificate="a/cacerts"} 3000',
    'meshca_intermediate_renewal_timestamp_seconds{certificate="a/cacerts"} 2500',
    'meshca_unlisted{what="issuers"} 0',
    'meshca_unlisted{what="intermediates"} 0',
  ])
  observed = { ...OBSERVED, issuers: [], intermediates: [] }
  assert.deepEqual(
    (await shown()).filter((sample) => /issuer=|certificate=/.test(sample)),
    [],
  )
})

test('with more issuers and intermediates than a thousand the first thousand have series, and the rest is counted', async () => {
  const [issuer] = OBSERVED.issuers
  const [intermediate] = OBSERVED.intermediates
  assert.ok(issuer && intermediate)
  const numbers = Array.from({ length: 3000 }, (_, index) => index)
  const observed: Observed = {
    requests: [],
    issuers: numbers.map((index) => ({ ...issuer, issuer: `a/${index}` })),
    intermediates: numbers.slice(0, 1500).map((index) => ({ ...intermediate, certificate: `a/${index}` })),
  }
  const metrics = makeMetrics(sources({ observed: () => observed }))
  const lines = [...(await samples(metrics))].map((sample) => sample.join(' '))
  for (const name of ['ready', 'authority_not_after_timestamp_seconds', 'root_not_after_timestamp_seconds'])
    assert.equal(lines.filter((line) => line.startsWith(`meshca_issuer_${name}{`)).length, 1000, name)
  assert.equal(lines.filter((line) => line.startsWith('meshca_issuer_trust_bundle_info{')).length, 1000)
  assert.equal(lines.filter((line) => line.startsWith('meshca_issuer_quota_tokens{')).length, 2000)
  assert.equal(lines.filter((line) => line.startsWith('meshca_intermediate_')).length, 2000)
  assert.ok(lines.includes('meshca_unlisted{what="issuers"} 2000'))
  assert.ok(lines.includes('meshca_unlisted{what="intermediates"} 500'))
})

test('whatever is said, there are no more series than the closed lists and 128 reasons make', async () => {
  const word = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,80}$/), fc.constant('__proto__'))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(word, word), { minLength: 150, maxLength: 400 }), async (pairs) => {
      const metrics = makeMetrics(sources())
      for (const [one, two] of pairs) {
        metrics.attempt({ ...ISSUED, backend: one, kind: two, outcome: two, reason: one })
        metrics.signed(one, two, 1)
        metrics.incident(one, two)
      }
      const names = [...(await samples(metrics)).keys()]
      assert.ok(names.filter((name) => name.startsWith('meshca_refusals_total')).length <= 129)
      assert.ok(names.filter((name) => name.startsWith('meshca_pki_errors_total')).length <= 4 * 129)
      assert.ok(names.filter((name) => name.startsWith('meshca_requests_total')).length <= 4 * 3 * 5)
      assert.ok(names.filter((name) => name.startsWith('meshca_sign_seconds')).length <= 4 * 4 * 15)
      assert.ok(names.every((name) => /^[a-z_]+(?:\{(?:[a-z0-9_]+="[A-Za-z0-9.+]*",?)+\})?$/.test(name)))
    }),
    { numRuns: 20 },
  )
})

test('the closed lists are those of the API and of the back ends', () => {
  const { backend } = issuerStatus.shape
  assert.deepEqual([...LABEL_VALUES.backend], backend.unwrap().options)
  const operations: Readonly<Record<QuotaUse['operation'], true>> = { IssueCertificate: true, GetCertificate: true }
  assert.deepEqual([...LABEL_VALUES.operation], Object.keys(operations))
  // The compiler asks for every word there is, and for no other.
  const words: Readonly<Record<Incident['what'], true>> = { throttled: true, retried: true, login: true, stray: true }
  assert.deepEqual([...LABEL_VALUES.what], Object.keys(words))
})

test('two registries do not disturb each other', async () => {
  const [one, two] = [makeMetrics(sources()), makeMetrics(sources())]
  one.attempt(ISSUED)
  assert.deepEqual(await samplesOf(two, 'meshca_requests_total'), [])
  assert.match(one.contentType, /^text\/plain/)
})
