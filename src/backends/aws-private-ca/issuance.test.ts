import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AWS_CA, AWS_ROOT, type AwsStage, awsRequest, awsStage, never, signed } from '../../testing/aws-stage.ts'
import { testCsr } from '../../testing/certificates.ts'
import type { Fault } from '../../testing/fakes/acm-pca/faults.ts'
import { TEST_CA_ARN, testAuthority } from '../../testing/fakes/acm-pca/world.ts'
import { type OpenedBackend, SigningError, type SigningRequest, type SigningResult } from '../backend.ts'

const MINUTE_MS = 60_000

function operations({ fake }: AwsStage): readonly string[] {
  return fake.journal.entries.map(({ operation, outcome }) =>
    outcome === 'ok' ? operation : `${operation}: ${outcome}`,
  )
}

function told({ incidents }: AwsStage): readonly string[] {
  return incidents.map(({ what }) => what)
}

async function refusal(act: () => Promise<unknown>): Promise<SigningError> {
  try {
    await act()
  } catch (error) {
    assert.ok(error instanceof SigningError, String(error))
    return error
  }
  return assert.fail('it was let through')
}

/** A stage whose CA has been looked at already. */
async function ready(...[context, options]: Parameters<typeof awsStage>) {
  const stage = await awsStage(context, options)
  const backend = stage.open()
  await backend.check(never)
  stage.fake.journal.clear()
  return { stage, backend }
}

function pendingOf(result: SigningResult): Extract<SigningResult, { state: 'pending' }> {
  assert.ok(result.state === 'pending')
  return result
}

function ticketOf(result: SigningResult): string {
  assert.ok(result.state === 'pending' && result.ticket !== undefined)
  return result.ticket
}

test('a certificate takes two calls, and lives exactly as long as was asked', async (context) => {
  const { stage, backend } = await ready(context)
  const request = awsRequest()
  const { chain, roots } = await signed(stage, backend, request)
  assert.deepEqual(operations(stage), ['IssueCertificate', 'GetCertificate'])
  assert.deepEqual([chain[0]?.notBefore, chain[0]?.notAfter], [request.notBefore, request.notAfter])
  assert.deepEqual([chain.length, roots.map(({ subject }) => subject.text)], [3, ['CN=AWS Root']])
})

test('a process that may not act any more asks AWS nothing, whatever it was about to do', async (context) => {
  const { stage, backend } = await ready(context)
  const ticket = { value: ticketOf(await backend.sign(awsRequest(), never)), polls: 1 }
  stage.fake.journal.clear()
  stage.lease.held = false
  const refused = [() => backend.check(never), () => backend.sign(awsRequest({ uid: 'another' }), never)]
  for (const act of refused) assert.equal((await refusal(act)).code, 'not-leading')
  assert.equal((await backend.sign(awsRequest({ ticket }), never)).state, 'pending')
  assert.deepEqual([operations(stage), told(stage)], [[], []])
  stage.lease.held = true
  await signed(stage, backend, awsRequest({ ticket }))
  assert.deepEqual(operations(stage), ['GetCertificate'])
})

test('one that takes longer is asked for ever less often, and never ordered again', async (context) => {
  const { stage, backend } = await ready(context, { issueDelayMs: 20_000 })
  const gaps: number[] = []
  let result = await backend.sign(awsRequest(), never)
  for (let polls = 1; result.state === 'pending'; polls += 1) {
    gaps.push(result.pollAfterMs)
    stage.advance(result.pollAfterMs)
    result = await backend.sign(awsRequest({ ticket: { value: ticketOf(result), polls } }), never)
  }
  assert.deepEqual(gaps, [135, 270, 540, 1080, 2160, 4320, 8640, 9000])
  assert.equal(stage.fake.journal.calls('IssueCertificate'), 1)
})

test('W-A12: a ticket that names no certificate of this CA counts for nothing', async (context) => {
  const { stage, backend } = await ready(context)
  const foreign = `${TEST_CA_ARN.replace('1111-2222', '9999-2222')}/certificate/0a`
  const ticket = ticketOf(await backend.sign(awsRequest({ ticket: { value: foreign, polls: 1 } }), never))
  assert.ok(ticket.startsWith(`${TEST_CA_ARN}/certificate/`))
  assert.deepEqual(operations(stage), ['IssueCertificate'])
})

for (const { name, value, says } of [
  {
    name: 'of the CA that the issuer had before, whose certificate nobody is given',
    value: `${TEST_CA_ARN.replace('1111-2222', '9999-2222')}/certificate/0a`,
    says: [
      `the certificate ${TEST_CA_ARN.replace('1111-2222', '9999-2222')}/certificate/0a was ordered for request uid-1 and is given to nobody: the issuer has another CA now`,
    ],
  },
  { name: 'that AWS does not give', value: 'another', says: [] },
]) {
  test(`a ticket ${name}: that is told once, when another is ordered`, async (context) => {
    const { stage, backend } = await ready(context)
    stage.fake.faults.plan({ fault: { kind: 'throttle' }, operation: 'IssueCertificate' })
    const ticket = { value, polls: 1 }
    const { pollAfterMs } = pendingOf(await backend.sign(awsRequest({ ticket }), never))
    stage.advance(pollAfterMs)
    await signed(stage, backend, awsRequest({ ticket }))
    const strays = stage.incidents.filter(({ what }) => what === 'stray')
    assert.deepEqual(
      strays.map(({ message }) => message),
      says,
    )
  })
}

test('a ticket whose certificate AWS does not have needs another request in the end, and is never ordered again', async (context) => {
  const { stage, backend } = await ready(context)
  const value = `${TEST_CA_ARN}/certificate/0a`
  const again = await backend.sign(awsRequest({ ticket: { value, polls: 9 } }), never)
  assert.deepEqual(again, { state: 'pending', ticket: value, pollAfterMs: 9000 })
  const { remedy, code } = await refusal(() => backend.sign(awsRequest({ ticket: { value, polls: 10 } }), never))
  assert.deepEqual([remedy, code, stage.fake.journal.calls('IssueCertificate')], ['give-up', 'certificate-not-made', 0])
})

test('W-A13: a repeat within five minutes gives the same certificate, also from another process', async (context) => {
  const { stage, backend } = await ready(context)
  const first = ticketOf(await backend.sign(awsRequest(), never))
  stage.advance(4 * MINUTE_MS)
  assert.equal(ticketOf(await stage.open().sign(awsRequest(), never)), first)
  assert.equal(stage.fake.journal.minted.length, 1)
})

test('W-A4: equal names in two clusters are two certificates, each with its own key', async (context) => {
  const { stage, backend } = await ready(context)
  const other = testCsr({ subject: 'CN=istiod-ca,O=Mesh', key: 'ECDSA-P384' })
  const one = await signed(stage, backend, awsRequest())
  const two = await signed(stage, backend, awsRequest({ clusterId: 'cluster-2', csr: other.csr }))
  assert.equal(stage.fake.journal.tokenCollisions, 0)
  assert.deepEqual(one.chain[0]?.publicKey.spki, awsRequest().csr.publicKey.spki)
  assert.deepEqual(two.chain[0]?.publicKey.spki, other.csr.publicKey.spki)
})

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

test('a poll that fails is no reason to order again', async (context) => {
  const { stage, backend } = await ready(context)
  const ticket = { value: ticketOf(await backend.sign(awsRequest(), never)), polls: 1 }
  stage.fake.faults.plan({ fault: { kind: 'reset' }, operation: 'GetCertificate', times: 2 })
  assert.equal(ticketOf(await backend.sign(awsRequest({ ticket }), never)), ticket.value)
  const late = { ...ticket, polls: 4 }
  const { remedy, code } = await refusal(() => backend.sign(awsRequest({ ticket: late }), never))
  assert.deepEqual([remedy, code], ['retry', 'answer-lost'], 'what goes on is told')
  await signed(stage, backend, awsRequest({ ticket }))
  assert.equal(stage.fake.journal.calls('IssueCertificate'), 1)
})

test('a CA that turns out to be disabled is looked at again', async (context) => {
  const { stage, backend } = await ready(context)
  stage.fake.control({ status: { [TEST_CA_ARN]: 'DISABLED' } })
  const { remedy, code, part } = await refusal(() => backend.sign(awsRequest(), never))
  assert.deepEqual([remedy, code, part], ['recheck-issuer', 'authority-not-active', 'AuthorityReady'])
  const again = await refusal(() => backend.sign(awsRequest(), never))
  assert.equal(again.code, 'authority-disabled')
  assert.equal(stage.fake.journal.calls('IssueCertificate'), 1)
})

test('a quota of certificates that is spent is told', async (context) => {
  const { backend } = await ready(context, {
    authorities: [testAuthority(AWS_CA, [AWS_ROOT], { certificateQuota: 0 })],
  })
  const { remedy, code, part } = await refusal(() => backend.sign(awsRequest(), never))
  assert.deepEqual([remedy, code, part], ['recheck-issuer', 'certificate-quota-spent', 'AuthorityReady'])
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

test('W-A14: what AWS would refuse is refused without a call', async (context) => {
  const { stage, backend } = await ready(context)
  const { certificate } = AWS_CA
  const refusals = [
    await refusal(() => backend.sign(awsRequest({ notAfter: certificate.notAfter + 1000 }), never)),
    await refusal(() => backend.sign(awsRequest({ pathLength: 3 }), never)),
  ]
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['authority-ends-first', 'path-length-spent'],
  )
  assert.equal(stage.fake.journal.calls(), 0)
})

test('a short-lived CA signs seven days and no more', async (context) => {
  const usageMode = 'SHORT_LIVED_CERTIFICATE'
  const { stage, backend } = await ready(context, { authorities: [testAuthority(AWS_CA, [AWS_ROOT], { usageMode })] })
  const { notBefore } = awsRequest()
  await signed(stage, backend, awsRequest({ notAfter: notBefore + 7 * 1440 * MINUTE_MS }))
  const { remedy, code } = await refusal(() => backend.sign(awsRequest({ uid: 'uid-2' }), never))
  assert.deepEqual([remedy, code], ['give-up', 'short-lived-exceeded'])
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
