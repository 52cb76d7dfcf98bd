import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pendingOf, ready, refusal, ticketOf, told } from '../../testing/aws-issuance.ts'
import { AWS_CA, AWS_ROOT, type AwsStage, awsRequest, never, signed } from '../../testing/aws-stage.ts'
import { testCsr } from '../../testing/certificates.ts'
import { TEST_CA_ARN, testAuthority } from '../../testing/fakes/acm-pca/world.ts'
import { dns } from '../../testing/names.ts'

const MINUTE_MS = 60_000

function operations({ fake }: AwsStage): readonly string[] {
  return fake.journal.entries.map(({ operation, outcome }) =>
    outcome === 'ok' ? operation : `${operation}: ${outcome}`,
  )
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

test('a CSR that is too long for AWS needs another request', async (context) => {
  const { backend } = await ready(context)
  const names = Array.from({ length: 1000 }, (_, index) => dns(`${index}.workload.mesh.example`))
  const { remedy, code } = await refusal(() => backend.sign(awsRequest({ csr: testCsr({ names }).csr }), never))
  assert.deepEqual([remedy, code], ['give-up', 'arguments-refused'])
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
