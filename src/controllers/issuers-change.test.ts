import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEST_ROOT, testAuthority, testIssuer } from '../testing/builders.ts'
import { TEST_NOW, testIntermediate } from '../testing/certificates.ts'
import { issuerWorld, TEST_ISSUANCE } from '../testing/issuer-world.ts'
import { testKeys } from '../testing/keys.ts'
import { Issuers } from './issuers.ts'

const KEY = 'MeshCAIssuer/istio-system/mesh'
const never = new AbortController().signal
const GOOD = 'write Ready=True CredentialsReady=True AuthorityReady=True TrustReady=True'
const CHANGED = `changed ${KEY}`

/** A world in which the issuer has been checked once. */
async function checkedWorld() {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  await issuers.handle(KEY, never)
  world.take()
  return { world, issuers }
}

test('W-A7: an edit is checked at once, and what was known before does not count', async () => {
  const { world, issuers } = await checkedWorld()
  world.issuer = testIssuer({ metadata: { generation: 2 }, spec: { ca: { secretRef: { name: 'next' } } } })
  const current = await issuers.current(KEY, never)
  assert.equal(current?.facts.readiness.ready, false)
  assert.deepEqual(world.take()[0], 'read istio-system/Secret/next')
})

test('an edit during a check: the request is judged by the edit', async () => {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  const gate = Promise.withResolvers<void>()
  world.gate = gate.promise
  const early = issuers.current(KEY, never)
  await Promise.resolve()
  world.issuer = testIssuer({ metadata: { generation: 2 }, spec: { ca: { secretRef: { name: 'next' } } } })
  gate.resolve()
  const current = await early
  assert.equal(current?.facts.spec.ca?.secretRef.name, 'next')
  assert.equal(current?.facts.readiness.ready, false)
  assert.ok(world.written.every((status) => status.conditions?.every((one) => one.observedGeneration === 2)))
})

test('a deletion during a check: there is no issuer', async () => {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  const gate = Promise.withResolvers<void>()
  world.gate = gate.promise
  const current = issuers.current(KEY, never)
  await Promise.resolve()
  world.issuer = undefined
  gate.resolve()
  assert.equal(await current, undefined)
  assert.deepEqual(world.written, [])
})

test('a re-created issuer inherits nothing from its namesake', async () => {
  const { world, issuers } = await checkedWorld()
  issuers.issued(KEY, TEST_ISSUANCE)
  world.issuer = testIssuer({ metadata: { uid: 'another' } })
  await issuers.handle(KEY, never)
  assert.ok(world.take().includes('open local'))
  assert.equal(world.written.at(-1)?.lastIssuance, undefined)
})

test('what was signed while an issuer was deleted is not told of its namesake, nor kept', async () => {
  const { world, issuers } = await checkedWorld()
  world.issuer = undefined
  await issuers.handle(KEY, never)
  issuers.issued(KEY, TEST_ISSUANCE)
  world.issuer = testIssuer({ metadata: { uid: 'another' } })
  await issuers.handle(KEY, never)
  assert.equal(world.written.at(-1)?.lastIssuance, undefined)
})

test('a deleted issuer wakes its requests, and is forgotten', async () => {
  const { world, issuers } = await checkedWorld()
  world.issuer = undefined
  assert.equal(await issuers.handle(KEY, never), 'when-changed')
  assert.deepEqual(world.take(), [CHANGED])
  world.issuer = testIssuer()
  await issuers.handle(KEY, never)
  assert.ok(world.take().includes('open local'))
})

test('requests are woken although the status cannot be written', async () => {
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  world.writeFails = new Error('the API server is away')
  await assert.rejects(issuers.handle(KEY, never), world.writeFails)
  assert.ok(world.take().includes(CHANGED))
  world.writeFails = undefined
  await issuers.handle(KEY, never)
  assert.ok(world.take().includes(GOOD))
})

test('a CA between the signer and the root that was replaced wakes what waited for it', async () => {
  const key = testKeys()('ECDSA-P256', 'between')
  const between = (days: number) =>
    testIntermediate(TEST_ROOT, { subject: 'CN=Between', key, pathLength: 2, notAfter: TEST_NOW + days * 86_400_000 })
  const signer = testIntermediate(between(60), { subject: 'CN=Signer', pathLength: 1 })
  const world = issuerWorld()
  const issuers = new Issuers(world.deps)
  world.authority = testAuthority(signer, between(60), TEST_ROOT)
  await issuers.handle(KEY, never)
  assert.ok(world.take().includes(CHANGED))
  world.authority = testAuthority(signer, between(3000), TEST_ROOT)
  await issuers.handle(KEY, never)
  assert.ok(world.take().includes(CHANGED))
})
