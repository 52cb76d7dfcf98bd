import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readWrites, writesBetween } from './api-writes.ts'

const METRICS = `# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",dry_run="",group="cert-manager.io",resource="certificaterequests",scope="resource",subresource="status",verb="APPLY",version="v1"} 2000
apiserver_request_total{code="409",component="apiserver",dry_run="",group="cert-manager.io",resource="certificaterequests",scope="resource",subresource="status",verb="PUT",version="v1"} 3
apiserver_request_total{code="200",component="apiserver",dry_run="",group="cert-manager.io",resource="certificaterequests",scope="resource",subresource="status",verb="GET",version="v1"} 7
apiserver_request_total{code="201",component="apiserver",dry_run="",group="events.k8s.io",resource="events",scope="resource",subresource="",verb="POST",version="v1"} 1.5e+01
apiserver_request_duration_seconds_count{resource="events",verb="POST"} 99
`

it('counts writes, refused ones too, and nothing else', () => {
  assert.deepEqual(Object.fromEntries(readWrites(METRICS)), { 'certificaterequests/status': 2003, events: 15 })
})

it('compares two readings, also of a resource that nobody had written before', () => {
  const [before, after] = [readWrites(''), readWrites(METRICS)]
  assert.equal(writesBetween(before, after, 'events'), 15)
  assert.equal(writesBetween(after, after, 'events'), 0)
  assert.equal(writesBetween(before, after, 'leases'), 0)
})
