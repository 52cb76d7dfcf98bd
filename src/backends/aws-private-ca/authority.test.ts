import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { AWS_CA, AWS_ROOT, awsRequest, awsStage, never } from '../../testing/aws-stage.ts'
import { TEST_NOW, testIntermediate } from '../../testing/certificates.ts'
import type { AcmPcaOptions, AuthorityStatus } from '../../testing/fakes/acm-pca/options.ts'
import { TEST_CA_ARN, TEST_USER, testAuthority } from '../../testing/fakes/acm-pca/world.ts'
import { SigningError } from '../backend.ts'
import type { AwsPrivateCAConfig } from './config.ts'

const DAY_MS = 86_400_000

async function refusal(act: () => Promise<unknown>): Promise<readonly unknown[]> {
  try {
    await act()
  } catch (error) {
    assert.ok(error instanceof SigningError)
    return [error.remedy, error.code, error.part, error.message]
  }
  return assert.fail('it was let through')
}

const STATUS: readonly { readonly status: AuthorityStatus; readonly code: string; readonly remedy: RegExp }[] = [
  { status: 'CREATING', code: 'authority-creating', remedy: /is still being created/ },
  { status: 'PENDING_CERTIFICATE', code: 'authority-pending-certificate', remedy: /import the certificate/ },
  { status: 'DISABLED', code: 'authority-disabled', remedy: /set its status to ACTIVE$/ },
  { status: 'EXPIRED', code: 'authority-expired', remedy: /import a renewed certificate/ },
  { status: 'FAILED', code: 'authority-failed', remedy: /make another CA \(OTHER\)$/ },
  { status: 'DELETED', code: 'authority-deleted', remedy: /restore it while/ },
]

for (const { status, code, remedy } of STATUS) {
  test(`W-A10: a CA in status ${status} is told with what to do`, async (context) => {
    const stage = await awsStage(context)
    const backend = stage.open()
    await backend.check(never)
    stage.fake.control({ status: { [TEST_CA_ARN]: status } })
    const [kind, found, part, message] = await refusal(() => backend.check(never))
    assert.deepEqual([kind, found, part], ['recheck-issuer', code, 'AuthorityReady'])
    assert.match(String(message), remedy)
    stage.fake.control({ status: { [TEST_CA_ARN]: 'ACTIVE' } })
    await backend.check(never)
  })
}

test('the certificate is read again only when it is another one', async (context) => {
  const stage = await awsStage(context)
  const backend = stage.open()
  const [one, other] = [await backend.check(never), await backend.check(never)]
  assert.equal(one, other)
  assert.equal(stage.fake.journal.calls('GetCertificateAuthorityCertificate'), 1)
  assert.equal(stage.fake.journal.calls('DescribeCertificateAuthority'), 2)
})

test('W-A10: a CA that is over is told, whatever its status', async (context) => {
  const ending = testIntermediate(AWS_ROOT, { pathLength: 1, notAfter: TEST_NOW + DAY_MS })
  const stage = await awsStage(context, { authorities: [testAuthority(ending, [AWS_ROOT])] })
  const backend = stage.open()
  await backend.check(never)
  stage.advance(DAY_MS + 1)
  const [, code] = await refusal(() => backend.check(never))
  assert.equal(code, 'authority-expired')
})

const CHANGES: readonly {
  readonly name: string
  readonly change: Partial<AwsPrivateCAConfig>
  readonly code: string
  readonly calls: number
}[] = [
  { name: 'another region', change: { region: 'eu-west-1' }, code: 'region-unfit', calls: 0 },
  { name: 'no ARN of a CA', change: { arn: 'arn:aws:acm:x' }, code: 'arn-invalid', calls: 0 },
  {
    name: 'a CA that does not exist',
    change: { arn: TEST_CA_ARN.replace('1111-2222', '9999-2222') },
    code: 'authority-not-found',
    calls: 1,
  },
  {
    name: 'an algorithm of another family',
    change: { signingAlgorithm: 'SHA256WITHRSA' },
    code: 'signing-algorithm-unfit',
    calls: 1,
  },
  {
    name: 'a template for a CA itself',
    change: { templateName: 'RootCACertificate/V1' },
    code: 'template-unfit',
    calls: 0,
  },
]

for (const { name, change, code, calls } of CHANGES) {
  test(`what the owner wrote wrong is told: ${name}`, async (context) => {
    const stage = await awsStage(context)
    const [remedy, found] = await refusal(async () => stage.open(change).check(never))
    assert.deepEqual([remedy, found, stage.fake.journal.calls()], ['recheck-issuer', code, calls])
  })
}

const FOREIGN = { ...TEST_USER, arn: 'arn:aws:iam::444455556666:user/mesh' }

async function shared(context: TestContext, permission: string): ReturnType<typeof awsStage> {
  const shares = [{ account: '444455556666', permission }]
  const options: Partial<AcmPcaOptions> = {
    authorities: [testAuthority(AWS_CA, [AWS_ROOT], { shares })],
    credentials: [FOREIGN],
  }
  return awsStage(context, options)
}

test('a CA of another account that is not shared is told with the account to share it from', async (context) => {
  const stage = await awsStage(context, { credentials: [FOREIGN] })
  const [, code, part, message] = await refusal(() => stage.open().check(never))
  assert.deepEqual([code, part], ['access-denied', 'CredentialsReady'])
  assert.match(String(message), /account 444455556666, share the CA from account 111122223333 through AWS RAM/)
})

test('a CA that is shared for mesh CAs signs them, and another template does not stop it', async (context) => {
  const stage = await shared(context, 'AWSRAMSubordinateCACertificatePathLen0IssuanceCertificateAuthority')
  const backend = stage.open()
  await backend.check(never)
  const deep = awsRequest({ uid: 'uid-2', pathLength: 1 })
  const first = await refusal(() => backend.sign(deep, never))
  assert.deepEqual(
    first.slice(0, 3),
    ['recheck-issuer', 'access-denied', 'CredentialsReady'],
    'nothing else is known to work',
  )
  assert.equal((await backend.sign(awsRequest(), never)).state, 'pending')
  const second = await refusal(() => backend.sign(deep, never))
  assert.deepEqual(second.slice(0, 3), ['recheck-issuer', 'access-denied', undefined], 'the issuer itself works')
  assert.match(String(second[3]), /SubordinateCACertificate_PathLen1\/V1 .* customer managed permission/)
})

test('a CA that is shared for end entities only is told with the permission for mesh CAs', async (context) => {
  const stage = await shared(context, 'AWSRAMDefaultPermissionCertificateAuthority')
  const [, , , message] = await refusal(() => stage.open().sign(awsRequest(), never))
  assert.match(String(message), /AWSRAMSubordinateCACertificatePathLen0IssuanceCertificateAuthority$/)
})

test('a CA for short lives shows how long they are, each time', async (context) => {
  const usageMode = 'SHORT_LIVED_CERTIFICATE'
  const short = await awsStage(context, { authorities: [testAuthority(AWS_CA, [AWS_ROOT], { usageMode })] })
  const backend = short.open()
  const lives = [await backend.check(never), await backend.check(never)].map(({ longestLifeMs }) => longestLifeMs)
  assert.deepEqual(lives, [604_800_000, 604_800_000])
})

test('any other CA shows no limit but its own end', async (context) => {
  const stage = await awsStage(context)
  assert.equal((await stage.open().check(never)).longestLifeMs, undefined)
})

test('many who sign at once look at the CA once', async (context) => {
  const stage = await awsStage(context)
  const backend = stage.open()
  await Promise.all([1, 2, 3, 4].map((index) => backend.sign(awsRequest({ uid: `uid-${index}` }), never)))
  assert.equal(stage.fake.journal.calls('DescribeCertificateAuthority'), 1)
})

test('one who stops while it looks at the CA does not stop the others', async (context) => {
  const stage = await awsStage(context)
  const backend = stage.open()
  stage.fake.faults.plan({ fault: { kind: 'hang' }, operation: 'DescribeCertificateAuthority' })
  const stop = new AbortController()
  const one = backend.sign(awsRequest(), stop.signal)
  while (stage.fake.faults.hanging === 0) await new Promise((resolve) => setImmediate(resolve))
  const other = backend.sign(awsRequest({ uid: 'uid-2' }), never)
  stop.abort()
  await assert.rejects(one)
  assert.equal((await other).state, 'pending')
})
