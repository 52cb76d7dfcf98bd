import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ready, refusal, told } from '../../testing/aws-issuance.ts'
import { AWS_CA, AWS_ROOT, awsRequest, awsStage, never, signed } from '../../testing/aws-stage.ts'
import type { Fault } from '../../testing/fakes/acm-pca/faults.ts'
import { TEST_CA_ARN, testAuthority } from '../../testing/fakes/acm-pca/world.ts'

const MINUTE_MS = 60_000

const LOST: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: 'whose connection broke after the work', fault: { kind: 'lost-answer' } },
  { name: 'whose connection broke before the work', fault: { kind: 'reset' } },
  { name: 'that was an error of the server, the work being done', fault: { kind: 'server-error', workDone: true } },
  { name: 'that was an empty page of a balancer', fault: { kind: 'server-error', status: 502, body: false } },
  { name: 'that was no JSON', fault: { kind: 'garbage' } },
  { name: 'that had no end', fault: { kind: 'huge' } },
]

for (const { name, fault } of LOST) {
  test(`an answer ${name} is repeated at once, and one certificate comes of it`, async (context) => {
    const { stage, backend } = await ready(context)
    stage.fake.faults.plan({ fault, operation: 'IssueCertificate' })
    await signed(stage, backend, awsRequest())
    assert.equal(stage.fake.journal.calls('IssueCertificate'), 2)
    assert.deepEqual([stage.fake.journal.minted.length, told(stage)], [1, ['retried']])
    assert.equal(stage.fake.faults.left, 0)
  })
}

test('W-A2: answers that are lost again and again are waited for, ever longer, and still one certificate comes of it', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate', times: 6 })
  const waits: (number | undefined)[] = []
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const { remedy, code, retryAfterMs } = await refusal(() => backend.sign(awsRequest(), never))
    assert.deepEqual([remedy, code], ['retry', 'answer-lost'])
    waits.push(retryAfterMs)
    stage.advance(retryAfterMs ?? 0)
  }
  assert.deepEqual(waits, [1000, 2000, 4000])
  await signed(stage, backend, awsRequest())
  assert.equal(stage.fake.journal.minted.length, 1)
  assert.deepEqual(told(stage), ['retried', 'retried', 'retried'])
})

test('a repeat that comes too late says that there may be two', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate', times: 2 })
  await refusal(() => backend.sign(awsRequest(), never))
  stage.advance(5 * MINUTE_MS)
  await signed(stage, backend, awsRequest())
  assert.equal(stage.fake.journal.minted.length, 2)
  assert.deepEqual(told(stage), ['retried', 'stray'])
  assert.match(stage.incidents[1]?.message ?? '', /for request uid-1/)
})

test('so does one that was sent in time and came too late', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate', times: 2 })
  await refusal(() => backend.sign(awsRequest(), never))
  stage.advance(5 * MINUTE_MS - 11_000)
  // All connections are taken for a while.
  stage.lease.asked = () => stage.advance(12_000)
  await backend.sign(awsRequest(), never)
  assert.equal(stage.fake.journal.minted.length, 2)
  assert.deepEqual(told(stage), ['retried', 'stray'])
})

test('so does one to another CA, which the issuer has now', async (context) => {
  const arn = TEST_CA_ARN.replace('1111-2222', '9999-2222')
  const { stage, backend } = await ready(context, {
    authorities: [testAuthority(AWS_CA, [AWS_ROOT]), testAuthority(AWS_CA, [AWS_ROOT], { arn })],
  })
  stage.fake.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate', times: 2 })
  await refusal(() => backend.sign(awsRequest(), never))
  const other = stage.open({ arn })
  await other.sign(awsRequest(), never)
  await backend.sign(awsRequest(), never)
  assert.equal(stage.fake.journal.minted.length, 2)
  const strays = stage.incidents.filter(({ what }) => what === 'stray')
  assert.deepEqual(
    strays.map(({ message }) => message),
    [
      `a certificate of ${TEST_CA_ARN} may exist that nobody was given: the answer to an order for request uid-1 was lost, and the issuer has another CA now`,
    ],
  )
})

test('so does one whose content has moved on', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate', times: 2 })
  await refusal(() => backend.sign(awsRequest(), never))
  const { notBefore, notAfter } = awsRequest()
  await backend.sign(awsRequest({ notBefore: notBefore + 600_000, notAfter: notAfter + 600_000 }), never)
  assert.deepEqual(told(stage), ['retried', 'stray'])
})

test('W-A2: what was not sent is waited for as the queue sees fit, and is no lost answer', async (context) => {
  const stage = await awsStage(context)
  const backend = stage.open()
  await backend.check(never)
  await stage.fake.close()
  const { remedy, code, retryAfterMs } = await refusal(() => backend.sign(awsRequest(), never))
  assert.equal(remedy, 'retry')
  assert.ok(['service-unreachable', 'answer-lost'].includes(code))
  assert.equal(code === 'service-unreachable' ? retryAfterMs : undefined, undefined)
})

test('a call that is given up ends at once, and its answer counts as lost', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan({ fault: { kind: 'hang', workDone: true }, operation: 'IssueCertificate' })
  const controller = new AbortController()
  const signing = backend.sign(awsRequest(), controller.signal)
  while (stage.fake.faults.hanging === 0) await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  await assert.rejects(signing)
  stage.advance(5 * MINUTE_MS)
  await signed(stage, backend, awsRequest())
  assert.deepEqual(told(stage), ['stray'])
})

test('what is under way when the back end is closed comes to its end, and so does the repeat of a lost answer', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate' })
  const signing = backend.sign(awsRequest(), never)
  while (stage.fake.journal.calls() === 0) await new Promise((resolve) => setImmediate(resolve))
  const closing = backend.close?.()
  assert.equal((await signing).state, 'pending')
  await closing
  assert.deepEqual([stage.fake.journal.calls('IssueCertificate'), stage.fake.journal.minted.length], [2, 1])
  assert.equal((await refusal(() => backend.sign(awsRequest(), never))).code, 'backend-closed')
})
