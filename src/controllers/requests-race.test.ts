import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SigningError } from '../backends/backend.ts'
import { readyIssuer, requestWorld, signBadly, signWell, testOpenRecord } from '../testing/request-world.ts'
import { handleRequest } from './requests.ts'

const KEY = 'istio-system/istio-ca-1'
const ISSUER = 'MeshCAIssuer/istio-system/mesh'
const never = { signal: new AbortController().signal, over: () => undefined }

const ASKED = `issuer ${ISSUER}`
const SIGNED = 'sign uid-istio-ca-1'
const DISCARDED = 'discard CN=istiod-ca,O=Mesh'
const ISSUED = [
  ASKED,
  SIGNED,
  `write ${KEY} Issued`,
  'tell Normal Issued',
  'observe Issued Issued 5000',
  `issued ${ISSUER} istio-ca-1 32`,
]

test('what is sent to a PKI is what was decided, and once', async () => {
  const world = requestWorld()
  await handleRequest(world.deps, KEY, never)
  const [request, ...more] = world.sent
  assert.deepEqual(more, [])
  assert.equal(request?.clusterId, 'cluster-1')
  assert.equal(request?.isCA, true)
  assert.equal(request?.pathLength, 0)
})

test('a settled request is not written again while the cache is behind', async () => {
  const world = requestWorld()
  await handleRequest(world.deps, KEY, never)
  world.take()
  assert.equal(await handleRequest(world.deps, KEY, never), 'when-changed')
  assert.deepEqual(world.take(), [])
})

for (const result of ['conflict', 'gone'] as const)
  test(`a final write that meets a ${result} leaves the request open`, async () => {
    const world = requestWorld()
    world.write = async () => result
    await handleRequest(world.deps, KEY, never)
    assert.deepEqual(world.take(), [...ISSUED.slice(0, 3), DISCARDED])
    world.write = async () => 'written'
    await handleRequest(world.deps, KEY, never)
    assert.deepEqual(world.take(), ISSUED)
  })

const AWAY = async () => Promise.reject(new Error('the API server is away'))

test('a final write that fails is repeated with what was signed, however often', async () => {
  const world = requestWorld()
  world.write = AWAY
  await assert.rejects(handleRequest(world.deps, KEY, never))
  assert.deepEqual(world.take(), ISSUED.slice(0, 3))
  await assert.rejects(handleRequest(world.deps, KEY, never))
  world.write = async () => 'written'
  world.take()
  await handleRequest(world.deps, KEY, never)
  assert.deepEqual(world.take(), [ASKED, ...ISSUED.slice(2)])
  const [first, ...others] = world.verdicts
  assert.deepEqual(others, [first, first])
})

test('a final write that failed may have taken place: its certificate is not discarded', async () => {
  const world = requestWorld()
  world.write = AWAY
  await assert.rejects(handleRequest(world.deps, KEY, never))
  world.take()
  world.write = async () => 'conflict'
  assert.equal(await handleRequest(world.deps, KEY, never), 'with-backoff')
  assert.deepEqual(world.take(), [ASKED, `write ${KEY} Issued`])
})

test('what was signed and does not fit any more is signed anew', async () => {
  const world = requestWorld()
  world.write = AWAY
  await assert.rejects(handleRequest(world.deps, KEY, never))
  world.take()
  world.write = async () => 'written'
  world.now += 30 * 86_400_000
  await handleRequest(world.deps, KEY, never)
  assert.deepEqual(world.take().slice(0, 3), ISSUED.slice(0, 3))
})

test('what was signed for a request that goes while it is written is not kept', async () => {
  const world = requestWorld()
  world.write = async () => {
    world.attempts.forget('uid-istio-ca-1')
    return AWAY()
  }
  await assert.rejects(handleRequest(world.deps, KEY, never))
  assert.equal(world.attempts.unwritten('uid-istio-ca-1'), undefined)
})

test('what was signed for a request that is gone is forgotten', async () => {
  const world = requestWorld()
  world.write = AWAY
  await assert.rejects(handleRequest(world.deps, KEY, never))
  assert.notEqual(world.attempts.unwritten('uid-istio-ca-1'), undefined)
  world.attempts.forget('uid-istio-ca-1')
  assert.equal(world.attempts.unwritten('uid-istio-ca-1'), undefined)
})

test('a repeat has equal content, across the edge of a window', async () => {
  const world = requestWorld()
  world.sign = signBadly(new SigningError('retry', 'answer-lost', 'no answer came'))
  await handleRequest(world.deps, KEY, never)
  world.now += 600_000
  await handleRequest(world.deps, KEY, never)
  const [first, second] = world.sent
  assert.deepEqual(second, first)
})

test('deleted while its issuer is checked: no PKI is asked and nothing is written', async () => {
  const world = requestWorld()
  world.issuer = async () => {
    world.record = undefined
    return readyIssuer(signWell)
  }
  assert.equal(await handleRequest(world.deps, KEY, never), 'when-changed')
  assert.deepEqual(world.take(), [ASKED])
  assert.equal(world.attempts.base('uid-istio-ca-1'), undefined)
})

test('re-created while its issuer is checked: the namesake is judged anew', async () => {
  const world = requestWorld()
  const { issuer } = world
  world.issuer = async () => {
    world.record = testOpenRecord({ metadata: { uid: 'namesake', resourceVersion: '9' } })
    return issuer()
  }
  assert.equal(await handleRequest(world.deps, KEY, never), 'when-changed')
  assert.deepEqual(world.take(), [ASKED])
})

test('woken while a PKI is at it: it is asked when it said, and each poll counts', async () => {
  const world = requestWorld()
  world.sign = async () => ({ state: 'pending', ticket: 't', pollAfterMs: 1000 })
  await handleRequest(world.deps, KEY, never)
  world.take()
  world.now += 400
  for (let woken = 0; woken < 10; woken += 1)
    assert.deepEqual(await handleRequest(world.deps, KEY, never), { afterMs: 600 })
  assert.deepEqual(
    world.take(),
    Array.from({ length: 10 }, () => ASKED),
  )
  world.now += 600
  await handleRequest(world.deps, KEY, never)
  assert.deepEqual(world.sent.at(-1)?.ticket, { value: 't', polls: 1 })
  // A clock that is set back holds no poll up.
  world.now -= 3_600_000
  await handleRequest(world.deps, KEY, never)
  assert.deepEqual(world.sent.at(-1)?.ticket, { value: 't', polls: 2 })
})

test('deleted while a PKI takes it: nothing is remembered of it', async () => {
  const world = requestWorld()
  world.sign = async () => {
    world.record = undefined
    world.attempts.forget('uid-istio-ca-1')
    return { state: 'pending', ticket: 'arn:1', pollAfterMs: 1000 }
  }
  await handleRequest(world.deps, KEY, never)
  assert.equal(world.attempts.ticket('uid-istio-ca-1'), undefined)
  assert.equal(world.attempts.csr('uid-istio-ca-1'), undefined)
})

test('changed while its issuer is checked: what it says now is signed', async () => {
  const world = requestWorld()
  const { issuer } = world
  world.issuer = async () => {
    world.record = testOpenRecord({
      metadata: { resourceVersion: '9', annotations: { 'meshca.dev/path-length': '3' } },
    })
    return issuer()
  }
  await handleRequest(world.deps, KEY, never)
  assert.deepEqual(world.take().slice(1, 2), [`write ${KEY} Failed`])
})

test('its turn with the PKI is over before its status is written', async () => {
  const world = requestWorld()
  let inTurn: readonly string[] = []
  const over = (): void => {
    inTurn = world.take()
  }
  await handleRequest(world.deps, KEY, { signal: never.signal, over })
  assert.deepEqual([inTurn, world.take()], [ISSUED.slice(0, 2), ISSUED.slice(2)])
})

test('stopped while it is signed: what was made is handed over, and nothing else is written', async () => {
  const world = requestWorld()
  const stop = new AbortController()
  world.sign = async (request) => {
    stop.abort()
    return signWell(request)
  }
  assert.equal(await handleRequest(world.deps, KEY, { ...never, signal: stop.signal }), 'when-changed')
  assert.deepEqual(world.take(), ISSUED)

  const other = requestWorld()
  const stopOther = new AbortController()
  other.sign = (request) => {
    stopOther.abort()
    return signBadly(new SigningError('give-up', 'refused', 'no'))(request, never.signal)
  }
  assert.equal(await handleRequest(other.deps, KEY, { ...never, signal: stopOther.signal }), 'when-changed')
  assert.deepEqual(other.take(), [ASKED, SIGNED])
})

for (const aborted of [false, true])
  test(`the Lease is lost while it is signed, ${aborted ? '' : 'not '}told yet: another signs, and this one goes`, async () => {
    const world = requestWorld()
    const lost = new AbortController()
    world.sign = async (request) => {
      world.mayAct = false
      if (aborted) lost.abort()
      return signWell(request)
    }
    assert.equal(await handleRequest(world.deps, KEY, { ...never, signal: lost.signal }), 'with-backoff')
    assert.deepEqual(world.take(), [ASKED, SIGNED, DISCARDED])
    assert.equal(world.attempts.isSettled('uid-istio-ca-1'), false)
  })

test('a fault that is nobody’s answer is thrown: the queue repeats it', async () => {
  const world = requestWorld()
  world.sign = signBadly(new TypeError('a bug'))
  await assert.rejects(handleRequest(world.deps, KEY, never), TypeError)
  assert.deepEqual(world.take(), [ASKED, SIGNED])
})

test('each call to a PKI is timed under its outcome', async () => {
  const world = requestWorld()
  world.sign = async (request) => {
    world.now += 250
    return signWell(request)
  }
  await handleRequest(world.deps, KEY, never)
  world.attempts.reopen('uid-istio-ca-1')
  world.sign = signBadly(new SigningError('retry', 'throttled', 'later'))
  await handleRequest(world.deps, KEY, never)
  world.sign = signBadly(new TypeError('a bug'))
  await assert.rejects(handleRequest(world.deps, KEY, never))
  assert.deepEqual(world.calls, ['CA issued 250', 'CA throttled 0', 'CA failed 0'])
})
