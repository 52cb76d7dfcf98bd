import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SigningError } from '../backends/backend.ts'
import { ConfigurationError } from '../issuance/references.ts'
import { testAuthority, testClusterIssuer } from '../testing/builders.ts'
import { testCa } from '../testing/certificates.ts'
import { issuerWorld, TEST_ISSUANCE } from '../testing/issuer-world.ts'
import { Issuers } from './issuers.ts'

const KEY = 'MeshCAIssuer/istio-system/mesh'
const never = new AbortController().signal
const READ = 'read istio-system/Secret/ca'
const CHECK = 'check certificate'
const GOOD = 'write Ready=True CredentialsReady=True AuthorityReady=True TrustReady=True'
const CHANGED = `changed ${KEY}`
const SECRET = 'istio-system/Secret/ca'

/** A world in which the issuer has been checked once. */
async function checkedWorld() {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  await issuers.handle(KEY, never)
  world.take()
  return { world, issuers }
}

test('a first check reads, opens, proves, writes and wakes', async () => {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  assert.deepEqual(await issuers.handle(KEY, never), { afterMs: 30_000 })
  assert.deepEqual([...world.take()].sort(), [CHANGED, CHECK, 'open local', READ, 'tell Normal Checked', GOOD].sort())
  assert.deepEqual(world.written[0]?.conditions?.[0], {
    type: 'Ready',
    status: 'True',
    reason: 'Checked',
    message: 'the issuer can sign',
    observedGeneration: 1,
    lastTransitionTime: '2026-11-23T12:00:00Z',
  })
})

test('a check that finds the same writes nothing, tells nothing and wakes nobody', async () => {
  const { world, issuers } = await checkedWorld()
  world.now += 30_000
  assert.deepEqual(await issuers.handle(KEY, never), { afterMs: 30_000 })
  assert.deepEqual(world.take(), [READ, CHECK])
})

test('an issuer that is not there is not read', async () => {
  const world = issuerWorld()
  world.issuer = undefined
  assert.equal(await new Issuers(world.deps).current(KEY, never), undefined)
  assert.deepEqual(world.take(), [])
})

test('before signing, a read of up to 5 s ago counts, and an older one does not', async () => {
  const { world, issuers } = await checkedWorld()
  world.now += 5000
  assert.equal((await issuers.current(KEY, never))?.facts.readiness.ready, true)
  assert.deepEqual(world.take(), [])
  world.now += 1
  assert.equal((await issuers.current(KEY, never))?.facts.readiness.ready, true)
  assert.deepEqual(world.take(), [READ])
})

test('a check that takes long makes its read no younger', async () => {
  const { world, issuers } = await checkedWorld()
  const gate = Promise.withResolvers<void>()
  world.now += 30_000
  world.gate = gate.promise
  const slow = issuers.handle(KEY, never)
  world.now += 5001
  gate.resolve()
  await slow
  world.take()
  await issuers.current(KEY, never)
  assert.deepEqual(world.take(), [READ])
})

test('a request that joins a check which read long ago waits for another read', async () => {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  const gate = Promise.withResolvers<void>()
  world.gate = gate.promise
  const slow = issuers.handle(KEY, never)
  while (!world.log.includes(CHECK)) await Promise.resolve()
  world.objects = { [SECRET]: { resourceVersion: '2', data: { 'tls.crt': 'renewed', 'tls.key': 'key' } } }
  world.now += 5001
  const joined = issuers.current(KEY, never)
  world.take()
  gate.resolve()
  await Promise.all([slow, joined])
  assert.ok(world.take().includes('check renewed'))
})

test('many requests at once share one check', async () => {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  const all = await Promise.all(Array.from({ length: 20 }, () => issuers.current(KEY, never)))
  assert.equal(new Set(all.map((one) => one?.backend)).size, 1)
  assert.deepEqual(
    world.take().filter((entry) => entry === READ || entry === CHECK),
    [READ, CHECK],
  )
})

test('a Secret that changed is opened anew, one that did not is not', async () => {
  const { world, issuers } = await checkedWorld()
  world.objects = { [SECRET]: { resourceVersion: '2', data: { 'tls.crt': 'renewed', 'tls.key': 'key' } } }
  world.now += 30_000
  await issuers.handle(KEY, never)
  assert.deepEqual(world.take(), [READ, 'open local', 'check renewed'])
  world.now += 30_000
  await issuers.handle(KEY, never)
  assert.deepEqual(world.take(), [READ, 'check renewed'])
})

test('another authority is written and wakes, though the issuer was ready before', async () => {
  const { world, issuers } = await checkedWorld()
  world.authority = testAuthority(testCa({ subject: 'CN=Renewed' }))
  world.now += 30_000
  await issuers.handle(KEY, never)
  assert.deepEqual([...world.take()].sort(), [CHANGED, CHECK, READ, GOOD].sort())
})

test('a Secret that is gone makes the issuer unready, and its return ready again', async () => {
  const { world, issuers } = await checkedWorld()
  const { objects } = world
  world.objects = {}
  world.now += 30_000
  await issuers.handle(KEY, never)
  const unready = 'write Ready=False CredentialsReady=False AuthorityReady=Unknown TrustReady=Unknown'
  assert.deepEqual([...world.take()].sort(), [CHANGED, READ, 'tell Warning SecretNotFound', unready].sort())
  const current = await issuers.current(KEY, never)
  assert.deepEqual(current?.facts.readiness, {
    ready: false,
    message: "the Secret ca does not exist in the issuer's namespace; create it, or correct its name",
  })
  assert.equal(current?.backend, undefined)
  world.objects = objects
  world.now += 30_000
  await issuers.handle(KEY, never)
  assert.deepEqual([...world.take()].sort(), [CHANGED, CHECK, 'open local', READ, 'tell Normal Checked', GOOD].sort())
})

test('an issuance is written with the next check', async () => {
  const { world, issuers } = await checkedWorld()
  issuers.issued(KEY, TEST_ISSUANCE)
  assert.deepEqual(world.take(), [])
  await issuers.handle(KEY, never)
  assert.deepEqual(world.written.at(-1)?.lastIssuance, TEST_ISSUANCE)
  assert.deepEqual(world.take(), [READ, CHECK, GOOD])
})

test('W-A3: an unreadable cluster says nothing about the issuer', async () => {
  const { world, issuers } = await checkedWorld()
  const away = new Error('the API server is away')
  world.objects = { [SECRET]: away }
  world.now += 30_000
  await assert.rejects(issuers.handle(KEY, never), away)
  await assert.rejects(issuers.current(KEY, never), away)
  assert.deepEqual(world.take(), [READ, READ])
})

test('what may not be read, and what the PKI says, is told as a part of the issuer', async () => {
  const { world, issuers } = await checkedWorld()
  world.objects = { [SECRET]: new ConfigurationError('ReadForbidden', 'grant get') }
  world.now += 30_000
  await issuers.handle(KEY, never)
  assert.ok(world.take().includes('tell Warning ReadForbidden'))
  world.objects = { [SECRET]: { resourceVersion: '3', data: { 'tls.crt': 'certificate', 'tls.key': 'key' } } }
  world.authority = new SigningError('recheck-issuer', 'ca-key-mismatch', 'another key')
  await issuers.handle(KEY, never)
  assert.ok(world.take().includes('tell Warning CaKeyMismatch'))
})

test('a cluster issuer reads from the one configured namespace', async () => {
  const world = issuerWorld()
  world.issuer = testClusterIssuer()
  const current = await new Issuers(world.deps).current('MeshCAClusterIssuer//mesh', never)
  assert.equal(current?.facts.clusterScoped, true)
  assert.equal(world.take()[0], 'read mesh-ca-issuer/Secret/ca')
})

test('a cache that lags behind does not make the status be written otherwise', async () => {
  const world = issuerWorld()
  world.echo = false
  const issuers = new Issuers(world.deps)
  await issuers.handle(KEY, never)
  await issuers.handle(KEY, never)
  assert.deepEqual(world.written[1], world.written[0])
})
