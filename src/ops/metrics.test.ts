import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeMetrics } from './metrics.ts'

function sources(): Parameters<typeof makeMetrics>[0] {
  return { queueDepth: () => 3, reflectorAgeSeconds: () => 1.5, isLeader: () => true }
}

/** Samples by name and labels, without comments. */
async function samples(metrics: ReturnType<typeof makeMetrics>): Promise<ReadonlyMap<string, string>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]))
}

test('gauges are read at each scrape', async () => {
  let depth = 3
  const metrics = makeMetrics({ ...sources(), queueDepth: () => depth })
  assert.equal((await samples(metrics)).get('meshca_queue_depth'), '3')
  depth = 0
  const read = await samples(metrics)
  assert.deepEqual(
    ['meshca_queue_depth', 'meshca_reflector_age_seconds', 'meshca_leader'].map((name) => read.get(name)),
    ['0', '1.5', '1'],
  )
  assert.ok(Number(read.get('process_resident_memory_bytes')) > 1e6)
  assert.ok(Number(read.get('process_cpu_seconds_total')) > 0)
})

test('attempts are counted by outcome, and only what was issued by time', async () => {
  const metrics = makeMetrics(sources())
  metrics.attempt('Issued', 400)
  metrics.attempt('Issued', 600)
  metrics.attempt('Pending', 60_000)
  const read = await samples(metrics)
  assert.equal(read.get('meshca_requests_total{outcome="Issued"}'), '2')
  assert.equal(read.get('meshca_requests_total{outcome="Pending"}'), '1')
  assert.equal(read.get('meshca_issuance_seconds_count'), '2')
  assert.equal(read.get('meshca_issuance_seconds_sum'), '1')
})

test('calls to a PKI are measured by kind of back end and outcome', async () => {
  const metrics = makeMetrics(sources())
  metrics.signed('local', 'issued', 20)
  metrics.signed('local', 'error', 2000)
  const read = await samples(metrics)
  assert.equal(read.get('meshca_sign_seconds_bucket{le="0.025",backend="local",outcome="issued"}'), '1')
  assert.equal(read.get('meshca_sign_seconds_sum{backend="local",outcome="error"}'), '2')
})

test('two registries do not disturb each other', async () => {
  const [one, two] = [makeMetrics(sources()), makeMetrics(sources())]
  one.attempt('Issued', 1)
  assert.equal((await samples(two)).get('meshca_requests_total{outcome="Issued"}'), undefined)
  assert.match(one.contentType, /^text\/plain/)
})
