import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../cluster/errors.ts'
import { testClient } from '../testing/api-client.ts'
import { ClusterIdentity } from './cluster-identity.ts'

/** An identity whose questions are answered in turn; an error is thrown, and no pause is kept. */
function asking(configured: string | undefined, ...answers: readonly unknown[]) {
  const left = [...answers]
  const { client, calls } = testClient(() => {
    const answer = left.shift()
    if (answer instanceof Error) throw answer
    return answer
  })
  const [problems, pauses]: [(string | undefined)[], number[]] = [[], []]
  const identity = new ClusterIdentity({
    client,
    configured,
    failed: () => problems.push(identity.problem),
    random: () => 1,
    after: (ms, act) => {
      pauses.push(ms)
      const timer = setImmediate(act)
      return () => clearImmediate(timer)
    },
  })
  return { identity, calls, problems, pauses }
}

const NEVER = new AbortController().signal
const UID = { metadata: { uid: 'uid-1' } }

test('a configured identity of the cluster is taken without a question', async () => {
  const { identity, calls } = asking('fleet-1')
  assert.equal(identity.problem, undefined)
  await identity.run(NEVER)
  assert.equal(await identity.known, 'fleet-1')
  assert.deepEqual(calls, [])
})

test('else it is the UID of kube-system, got by its name', async () => {
  const { identity, calls } = asking(undefined, UID)
  assert.equal(identity.problem, 'the UID of namespace kube-system has not been read yet')
  await identity.run(NEVER)
  assert.deepEqual([await identity.known, identity.problem], ['uid-1', undefined])
  assert.deepEqual(calls, [{ method: 'GET', path: '/api/v1/namespaces/kube-system' }])
})

test('until it is known it is asked for with growing gaps, and the problem names the remedy', async () => {
  const forbidden = new ApiError(403, 'Forbidden', 'the API server answered 403: namespaces is forbidden')
  const { identity, problems, pauses } = asking(undefined, forbidden, new ApiError(503, 'Unavailable', 'away'), {}, UID)
  await identity.run(NEVER)
  assert.equal(await identity.known, 'uid-1')
  assert.deepEqual(
    problems,
    [
      'the namespace kube-system may not be got; grant that, or set --cluster-id',
      'away',
      'the namespace kube-system has no UID; set --cluster-id',
    ].map((why) => `the identity of the cluster is not known: ${why}`),
  )
  assert.deepEqual(pauses, [1000, 2000, 4000])
  assert.equal(identity.problem, undefined)
})

test('a stop ends the questions', async () => {
  const stop = new AbortController()
  const { identity, calls } = asking(undefined, new ApiError(503, 'Unavailable', 'away'))
  const running = identity.run(stop.signal)
  stop.abort()
  await running
  assert.equal(calls.length, 1)
  assert.notEqual(identity.problem, undefined)
})
