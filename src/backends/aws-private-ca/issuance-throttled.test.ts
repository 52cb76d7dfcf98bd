import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pendingOf, ready, ticketOf, told } from '../../testing/aws-issuance.ts'
import { type AwsStage, awsRequest, never, signed } from '../../testing/aws-stage.ts'
import { type OpenedBackend, SigningError, type SigningRequest } from '../backend.ts'

const MINUTE_MS = 60_000

test('W-A2: a throttled order is in line again and writes nothing', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan({ fault: { kind: 'throttle' }, operation: 'IssueCertificate' })
  const result = await backend.sign(awsRequest(), never)
  assert.ok(result.state === 'pending' && result.ticket === undefined && result.pollAfterMs < 1000)
  stage.advance(result.pollAfterMs)
  await signed(stage, backend, awsRequest())
  assert.deepEqual([stage.fake.journal.minted.length, told(stage)], [1, ['throttled']])
})

test('W-A2: a throttled poll keeps its ticket', async (context) => {
  const { stage, backend } = await ready(context)
  const ticket = ticketOf(await backend.sign(awsRequest(), never))
  stage.fake.faults.plan({ fault: { kind: 'throttle' }, operation: 'GetCertificate' })
  const result = await backend.sign(awsRequest({ ticket: { value: ticket, polls: 1 } }), never)
  assert.equal(ticketOf(result), ticket)
  assert.deepEqual(told(stage), ['throttled'])
})

test('a poll that waits for its turn is none yet, and its ticket stands', async (context) => {
  const { stage, backend } = await ready(context, { issueDelayMs: MINUTE_MS })
  const ticket = { value: ticketOf(await backend.sign(awsRequest(), never)), polls: 1 }
  const polls = Array.from({ length: 100 }, (_, index) =>
    backend.sign(awsRequest({ uid: `uid-${index}`, ticket }), never),
  )
  const results = (await Promise.all(polls)).map(pendingOf)
  const asked = results.filter((result) => result.ticket === ticket.value)
  assert.equal(asked.length, stage.fake.journal.calls('GetCertificate'))
  const waiting = results.filter((result) => result.ticket === undefined)
  assert.ok(waiting.length > 0)
  assert.equal(asked.length + waiting.length, results.length)
  assert.equal(stage.fake.journal.calls('IssueCertificate'), 1)
})

test('quotas are shared by all that use one CA', async (context) => {
  const { stage, backend } = await ready(context)
  const other = stage.open()
  await other.check(never)
  for (let index = 0; index < 25; index += 1) await backend.sign(awsRequest({ uid: `uid-${index}` }), never)
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) => other.sign(awsRequest({ uid: `other-${index}` }), never)),
  )
  assert.ok(results.some((result) => result.state === 'pending' && result.ticket === undefined))
})

test('a throttle shows to all that use the CA: half of the rate, nothing left, one that waits until it is served', async (context) => {
  const { stage, backend } = await ready(context)
  const other = stage.open()
  const polls = { operation: 'GetCertificate', perSecond: 75, tokens: 75, waiting: 0 }
  stage.fake.faults.plan({ fault: { kind: 'throttle' }, operation: 'IssueCertificate' })
  await backend.sign(awsRequest(), never)
  assert.deepEqual(other.quotas?.(), [{ operation: 'IssueCertificate', perSecond: 12.5, tokens: 0, waiting: 1 }, polls])
  stage.advance(2000)
  await backend.sign(awsRequest(), never)
  const [orders] = other.quotas?.() ?? []
  assert.deepEqual(orders, { operation: 'IssueCertificate', perSecond: 12.5, tokens: 11.5, waiting: 0 })
})

test('W-A13: half of the calls throttled and one answer in twenty lost, a certificate takes fewer than six calls', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan(
    { fault: { kind: 'throttle' }, probability: 0.5, seed: 7 },
    { fault: { kind: 'lost-answer' }, probability: 0.05, seed: 11 },
  )
  for (let index = 0; index < 50; index += 1) await patiently(stage, backend, awsRequest({ uid: `uid-${index}` }))
  assert.equal(stage.fake.journal.minted.length, 50)
  assert.ok(stage.fake.journal.callsPerCertificate < 6, `${stage.fake.journal.callsPerCertificate}`)
})

/** Waits as the shell does, after errors too. */
async function patiently(stage: AwsStage, backend: OpenedBackend, request: SigningRequest): Promise<void> {
  for (;;) {
    try {
      await signed(stage, backend, request)
      return
    } catch (error) {
      assert.ok(error instanceof SigningError && error.remedy === 'retry')
      stage.advance(error.retryAfterMs ?? 1000)
    }
  }
}
