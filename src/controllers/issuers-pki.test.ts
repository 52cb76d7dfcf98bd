import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SigningError } from '../backends/backend.ts'
import { testIssuer } from '../testing/builders.ts'
import { testCa } from '../testing/certificates.ts'
import { issuerWorld } from '../testing/issuer-world.ts'
import { Issuers } from './issuers.ts'

const KEY = 'MeshCAIssuer/istio-system/mesh'
const never = new AbortController().signal
const READ = 'read istio-system/Secret/ca'
const CHECK = 'check certificate'
const DENIED = new SigningError('recheck-issuer', 'access-denied', 'grant IssueCertificate', { part: 'AuthorityReady' })
const AWAY = new SigningError('retry', 'unreachable', 'the PKI is away')

/** A world in which the issuer has been checked once, at the time of its clock. */
async function checkedWorld(change: Parameters<typeof testIssuer>[0] = {}) {
  const world = issuerWorld()
  world.issuer = testIssuer(change)
  const issuers = new Issuers(world.deps)
  await issuers.handle(KEY, never)
  world.take()
  const ready = async (): Promise<boolean | undefined> => (await issuers.current(KEY, never))?.facts.readiness.ready
  return { world, issuers, ready }
}

test('what a PKI answers to a request, where it concerns the issuer, makes it unready until the next check', async () => {
  const { world, issuers, ready } = await checkedWorld()
  issuers.refused(KEY, DENIED)
  await issuers.handle(KEY, never)
  assert.deepEqual(
    world.written.at(-1)?.conditions?.find(({ type }) => type === 'AuthorityReady'),
    {
      type: 'AuthorityReady',
      status: 'False',
      reason: 'AccessDenied',
      message: 'grant IssueCertificate',
      observedGeneration: 1,
      lastTransitionTime: '2026-11-23T12:00:00Z',
    },
  )
  world.now += 29_999
  assert.equal(await ready(), false)
  world.now += 1
  await issuers.handle(KEY, never)
  assert.equal(await ready(), true)
})

test('a clock that is set back an hour keeps no refusal and no read of Secrets alive for as long', async () => {
  const { world, issuers, ready } = await checkedWorld()
  issuers.refused(KEY, DENIED)
  await issuers.handle(KEY, never)
  assert.equal(await ready(), false)
  world.now -= 3_600_000
  world.take()
  await issuers.current(KEY, never)
  assert.ok(world.take().includes(READ))
  await issuers.handle(KEY, never)
  assert.equal(await ready(), true)
})

test('a refusal that concerns the request alone leaves the issuer ready', async () => {
  const { issuers, ready } = await checkedWorld()
  issuers.refused(KEY, new SigningError('recheck-issuer', 'authority-ends-first', 'renew'))
  await issuers.handle(KEY, never)
  assert.equal(await ready(), true)
})

test('a refusal is forgotten as soon as something has changed', async () => {
  const { world, issuers, ready } = await checkedWorld()
  issuers.refused(KEY, DENIED)
  await issuers.handle(KEY, never)
  assert.equal(await ready(), false)
  world.objects = {
    'istio-system/Secret/ca': { resourceVersion: '2', data: { 'tls.crt': 'certificate', 'tls.key': 'key' } },
  }
  await issuers.handle(KEY, never)
  assert.equal(await ready(), true)
  world.now += 10_000
  await issuers.handle(KEY, never)
  assert.equal(await ready(), true, 'and does not come back')
})

test('a PKI that cannot be reached for a moment says nothing about its CA; for longer, it does', async () => {
  const { world, issuers, ready } = await checkedWorld()
  world.authority = AWAY
  world.now += 60_000
  await issuers.handle(KEY, never)
  assert.equal(await ready(), true)
  world.now += 1
  await issuers.handle(KEY, never)
  assert.equal(await ready(), false)
})

test('a PKI that was never reached has no grace', async () => {
  const world = issuerWorld()
  world.authority = AWAY
  const issuers = new Issuers(world.deps)
  await issuers.handle(KEY, never)
  assert.equal((await issuers.current(KEY, never))?.facts.readiness.ready, false)
})

test('a PKI that says the CA is broken is believed at once', async () => {
  const { world, issuers, ready } = await checkedWorld()
  world.authority = new SigningError('recheck-issuer', 'ca-disabled', 'enable the CA')
  await issuers.handle(KEY, never)
  assert.equal(await ready(), false)
})

test('while its PKI shows nothing, an issuer tells of the CA that it showed last, until the issuer or what it names changes', async () => {
  const additionalRoots = [{ pem: testCa({ subject: 'CN=Next Root' }).certificate.pem }]
  const { world, issuers } = await checkedWorld({ spec: { trust: { additionalRoots } } })
  const told = (): readonly unknown[] => {
    const { authority, root, trustBundle } = world.written.at(-1) ?? {}
    return [authority, root, trustBundle]
  }
  const known = told()
  assert.ok(known.every((one) => one !== undefined))
  assert.equal(world.written.at(-1)?.trustBundle?.roots.length, 2)
  world.authority = AWAY
  world.now += 60_001
  await issuers.handle(KEY, never)
  assert.equal(world.written.at(-1)?.conditions?.find(({ type }) => type === 'Ready')?.status, 'False')
  assert.deepEqual(told(), known)
  world.objects = {
    'istio-system/Secret/ca': { resourceVersion: '2', data: { 'tls.crt': 'certificate', 'tls.key': 'key' } },
  }
  await issuers.handle(KEY, never)
  assert.deepEqual(told(), [undefined, undefined, undefined])
})

test('before signing, an unready issuer is asked about again', async () => {
  const { world, issuers, ready } = await checkedWorld()
  const { authority } = world
  world.authority = new SigningError('recheck-issuer', 'ca-disabled', 'enable the CA')
  await issuers.handle(KEY, never)
  world.authority = authority
  world.now += 5001
  world.take()
  assert.equal(await ready(), true)
  assert.deepEqual(world.take().slice(0, 2), [READ, CHECK])
})

test('a back end is closed when another takes its place, when its issuer is gone, and at the end', async () => {
  const world = issuerWorld()
  const closed: number[] = []
  let opened = 0
  const open: typeof world.deps.open = async (config) => {
    opened += 1
    const number = opened
    return { ...(await world.deps.open(config)), close: async () => void closed.push(number) }
  }
  const issuers = new Issuers({ ...world.deps, open })
  const version = (resourceVersion: string) => {
    const data = { 'tls.crt': 'certificate', 'tls.key': 'key' }
    world.objects = { 'istio-system/Secret/ca': { resourceVersion, data } }
  }
  await issuers.handle(KEY, never)
  await issuers.handle(KEY, never)
  assert.deepEqual(closed, [])
  version('2')
  await issuers.handle(KEY, never)
  assert.deepEqual(closed, [1])
  const { issuer } = world
  world.issuer = undefined
  await issuers.handle(KEY, never)
  assert.deepEqual(closed, [1, 2])
  world.issuer = issuer
  await issuers.handle(KEY, never)
  await issuers.close()
  assert.deepEqual(closed, [1, 2, 3])
})

test('the limits of a PKI are those of the back end that is open, and gone with the issuer', async () => {
  const world = issuerWorld()
  const use = { operation: 'IssueCertificate', perSecond: 25, tokens: 3, waiting: 7 } as const
  const open: typeof world.deps.open = async (config) => ({ ...(await world.deps.open(config)), quotas: () => [use] })
  const issuers = new Issuers({ ...world.deps, open })
  assert.deepEqual(issuers.quotas(KEY), [])
  await issuers.handle(KEY, never)
  assert.deepEqual([issuers.quotas(KEY), issuers.quotas(`${KEY}-2`)], [[use], []])
  world.issuer = undefined
  await issuers.handle(KEY, never)
  assert.deepEqual(issuers.quotas(KEY), [])
})

test('a PKI without limits has none to tell', async () => {
  const { issuers } = await checkedWorld()
  assert.deepEqual(issuers.quotas(KEY), [])
})

test('the end waits for back ends that were replaced before, and no check does', async () => {
  const world = issuerWorld()
  const ends: PromiseWithResolvers<void>[] = []
  const open: typeof world.deps.open = async (config) => {
    const end = Promise.withResolvers<void>()
    ends.push(end)
    return { ...(await world.deps.open(config)), close: () => end.promise }
  }
  const issuers = new Issuers({ ...world.deps, open })
  await issuers.handle(KEY, never)
  world.objects = { 'istio-system/Secret/ca': { resourceVersion: '2', data: { 'tls.crt': 'next', 'tls.key': 'key' } } }
  await issuers.handle(KEY, never)
  let closed = false
  const closing = issuers.close().then(() => {
    closed = true
  })
  ends[1]?.resolve()
  await new Promise(setImmediate)
  assert.equal(closed, false)
  ends[0]?.resolve()
  await closing
})

test('a back end whose first check is broken off is closed: nobody else knows of it', async () => {
  const world = issuerWorld()
  const stop = new AbortController()
  const ended: string[] = []
  const open: typeof world.deps.open = async () => ({
    check: async () => {
      stop.abort()
      throw new Error('given up')
    },
    sign: () => assert.fail(),
    close: async () => void ended.push('close'),
  })
  await assert.rejects(new Issuers({ ...world.deps, open }).handle(KEY, stop.signal), /given up/)
  assert.deepEqual(ended, ['close'])
})
