import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { VirtualTime } from '../apiserver/virtual-time.ts'
import type { Fault } from './faults.ts'
import { startAcmPca } from './http.ts'
import { setStage } from './stage.ts'
import { TEST_CA_ARN, TEST_USER } from './world.ts'

// What the real SDK meets when something goes wrong between it and the service.

/** Fault, certificates that were minted nevertheless, the error of the SDK. */
const FAULTS: readonly (readonly [Fault, number, RegExp])[] = [
  [{ kind: 'throttle' }, 0, /^ThrottlingException 400 Rate exceeded/],
  [{ kind: 'reset' }, 0, /ECONNRESET/],
  [{ kind: 'lost-answer' }, 1, /ECONNRESET/],
  [{ kind: 'server-error' }, 0, /^InternalFailure 500 /],
  [{ kind: 'server-error', status: 503, workDone: true }, 1, /^InternalFailure 503 /],
  [{ kind: 'server-error', status: 502, body: false }, 0, / 502 /],
  [{ kind: 'garbage' }, 1, /^SyntaxError /],
  [{ kind: 'expired-token' }, 0, /^ExpiredTokenException 400 /],
  [{ kind: 'access-denied' }, 0, /^AccessDeniedException 400 /],
  [{ kind: 'limit-exceeded' }, 0, /^LimitExceededException 400 /],
  [{ kind: 'error', code: 'RequestFailedException', message: 'why' }, 0, /^RequestFailedException 400 why$/],
  [{ kind: 'error', code: 'InternalFailure', status: 500 }, 0, /^InternalFailure 500 /],
]

describe('a fault', () => {
  for (const [fault, minted, expected] of FAULTS) {
    test(JSON.stringify(fault), async (context) => {
      const { fake, client, issue } = await setStage(context)
      fake.faults.plan({ fault })
      await assert.rejects(issue(client()), (error) => {
        const { name, message, code, $metadata } = Object(error)
        assert.match(`${name} ${$metadata?.httpStatusCode} ${code ?? ''}${message}`, expected)
        return true
      })
      assert.equal(fake.journal.minted.length, minted)
      assert.deepEqual(
        fake.journal.entries.map(({ outcome, principal }) => [outcome, principal]),
        [[`fault: ${fault.kind}`, TEST_USER.arn]],
      )
      assert.equal(fake.faults.left, 0)
    })
  }
})

test('a huge answer is a right one', async (context) => {
  const { fake, client, issue } = await setStage(context)
  fake.faults.plan({ fault: { kind: 'huge', octets: 3_000_000 } })
  assert.match(await issue(client()), new RegExp(`^${TEST_CA_ARN}/certificate/`))
})

test('a lost answer is made good by the token: one certificate', async (context) => {
  const { fake, client, issue } = await setStage(context)
  fake.faults.plan({ fault: { kind: 'lost-answer' } })
  const arn = await issue(client({ maxAttempts: 2 }), { IdempotencyToken: 'token' })
  assert.deepEqual(
    fake.journal.minted.map(({ certificateArn }) => certificateArn),
    [arn],
  )
  assert.equal(fake.journal.tokenRepeats, 1)
})

test('a call hangs until the caller gives up, or until it is let go', async (context) => {
  const { fake, client, issue } = await setStage(context)
  fake.faults.plan({ fault: { kind: 'hang', workDone: true } }, { fault: { kind: 'hang' } })
  const first = issue(client())
  while (fake.faults.hanging < 1) await turn()
  assert.equal(fake.journal.minted.length, 1)
  const giveUp = new AbortController()
  const second = fetch(fake.url, { method: 'POST', signal: giveUp.signal })
  while (fake.faults.hanging < 2) await turn()
  giveUp.abort()
  await assert.rejects(second, { name: 'AbortError' })
  while (fake.faults.hanging > 1) await turn()
  fake.control({ release: true })
  await assert.rejects(first, /ECONNRESET|socket hang up/)
  assert.deepEqual([fake.faults.hanging, fake.journal.minted.length], [0, 1])
})

test('latency passes on the clock that is given, before the answer', async (context) => {
  const time = new VirtualTime()
  const fake = await startAcmPca({ now: () => 0, after: time.after, authorities: [] })
  context.after(fake.close)
  fake.control({ latencyMs: 60 })
  let answered = false
  const answer = fetch(fake.url, { method: 'POST' }).then(({ status }) => {
    answered = true
    return status
  })
  while (time.pending === 0) await turn()
  await time.advance(59)
  assert.equal(answered, false)
  await time.advance(1)
  assert.equal(await answer, 400)
})

test('an outage is for every call, until it is over', async (context) => {
  const { fake, client, issue } = await setStage(context)
  fake.control({ outage: true })
  await assert.rejects(issue(client()), /ECONNRESET|socket hang up/)
  fake.control({ outage: { kind: 'server-error', status: 503 } })
  await assert.rejects(issue(client()), { name: 'InternalFailure' })
  fake.control({ outage: false })
  await issue(client())
})

test('what is over the quota is throttled', async (context) => {
  const { client, issue } = await setStage(context, { quotas: { IssueCertificate: 1 } })
  const pca = client()
  await issue(pca)
  await assert.rejects(issue(pca), { name: 'ThrottlingException' })
})

test('the endpoint of one region takes no signature for another', async (context) => {
  const one = await setStage(context, { region: 'eu-central-1' })
  await assert.rejects(one.issue(one.client({ region: 'eu-west-1' })), { name: 'InvalidSignatureException' })
})

test('the endpoint of all regions finds a CA in its own only', async (context) => {
  const { client, issue } = await setStage(context)
  await assert.rejects(issue(client({ region: 'eu-west-1' })), { name: 'ResourceNotFoundException' })
})
