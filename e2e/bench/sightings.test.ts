import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { CertificateRequest, Condition } from '../lab/kube-objects.ts'
import { Sightings } from './sightings.ts'

const APPROVED: Condition = { type: 'Approved', status: 'True' }
const READY: Condition = { type: 'Ready', status: 'True', reason: 'Issued' }

function request(name: string, ...conditions: readonly Condition[]): CertificateRequest {
  const metadata = { name, namespace: 'bench' }
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'CertificateRequest',
    metadata,
    spec: { request: '' },
    status: { conditions },
  }
}

function clock(): { now: number; readonly sightings: Sightings } {
  const state: ReturnType<typeof clock> = { now: 0, sightings: new Sightings(() => state.now) }
  return state
}

it('measures from the first sight of the approval to the first of Ready', async () => {
  const at = clock()
  at.sightings.approved('a')
  at.now = 5
  at.sightings.seen(request('a', APPROVED))
  at.now = 30
  at.sightings.seen(request('a', APPROVED, READY))
  at.now = 90
  at.sightings.seen(request('a', APPROVED, READY))
  await at.sightings.untilReady(1, 1_000)
  assert.deepEqual(at.sightings.waits(), [30])
})

it('counts no wait for a request that was Ready before anybody knew of its approval', () => {
  const at = clock()
  at.sightings.seen(request('a', READY))
  at.now = 10
  at.sightings.approved('a')
  assert.deepEqual(at.sightings.waits(), [0])
})

it('waits for as many as are wanted', async () => {
  const { sightings } = clock()
  const ready = sightings.untilReady(2, 10_000)
  for (const name of ['a', 'a', 'b']) sightings.seen(request(name, APPROVED, READY))
  await ready
  assert.equal(sightings.waits().length, 2)
})

it('stops waiting when a request fails, and says why', async () => {
  const { sightings } = clock()
  const ready = sightings.untilReady(2, 10_000)
  sightings.seen(request('b', APPROVED, { type: 'Ready', status: 'False', reason: 'Failed', message: 'Bad key.' }))
  await assert.rejects(ready, /Request b failed: Bad key\./)
})

it('stops waiting in the end', async () => {
  await assert.rejects(clock().sightings.untilReady(3, 1), /Only 0 of 3/)
})
