import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CredentialOptions, RoleOptions } from '../../src/testing/fakes/acm-pca/options.ts'
import { AWS_ACCOUNT, AWS_USER, caArn, installed } from '../lab/acm-pca.ts'
import { createAuthority } from '../lab/pki.ts'
import { type AwsScene, awsIssuer, KEYS, keysSecret, openAwsScene } from './support-aws.ts'
import { issuerWrites, recordRequests } from './support-history.ts'
import { conditionsOf, issuerReference, issuerShows, READY } from './support-issuers.ts'
import { ask, csrFor, ISSUED, isSettled, meshIssuer, outcomeOf, pending, settled, waiting } from './support-requests.ts'

const CA = caArn(1)
const TEAM = 'team'
const SECOND: CredentialOptions = {
  accessKeyId: 'AKIALABUSER000000002',
  secretAccessKey: 'lab-user-secret-access-key-0000000000002',
  arn: `arn:aws:iam::${AWS_ACCOUNT}:user/second`,
}
const session = (turn: number): CredentialOptions & { readonly sessionToken: string } => ({
  accessKeyId: `ASIALABSESSION00000${turn}`,
  secretAccessKey: `lab-session-secret-access-key-00000000${turn}`,
  sessionToken: `lab-session-token-${turn}`,
  arn: `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/person/session-${turn}`,
})

const role = (name: string): string => `arn:aws:iam::${AWS_ACCOUNT}:role/${name}`
const asSecond = `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/second/mesh-ca-issuer@team.chain`
/** The keys may only become the first role, for those who know its external ID and tag; that one only the second. */
const STEPS: CredentialOptions = {
  accessKeyId: 'AKIALABUSER000000003',
  secretAccessKey: 'lab-user-secret-access-key-0000000000003',
  arn: `arn:aws:iam::${AWS_ACCOUNT}:user/steps`,
  permissions: [{ actions: ['sts:AssumeRole'], resources: [role('first')] }],
}
const ROLES: readonly RoleOptions[] = [
  {
    arn: role('first'),
    trust: { principals: [STEPS.arn], externalId: 'ours', tags: { cluster: 'cluster-1' } },
    permissions: [{ actions: ['sts:AssumeRole'], resources: [role('second')] }],
  },
  { arn: role('second'), trust: { principals: [role('first')] } },
]

describe('access keys in a Secret', { timeout: 120_000 }, () => {
  let scene: AwsScene
  before(async () => {
    const authorities = [installed(CA, await createAuthority({ commonName: 'Root' }))]
    const aws = { authorities, credentials: [AWS_USER, SECOND, STEPS, session(1)], roles: ROLES }
    scene = await openAwsScene({ name: 'aws-credentials', namespaces: [TEAM], aws })
  })
  after(() => scene?.stop())

  const shows = async (name: string, type: string, beginning: string) =>
    conditionsOf(await issuerShows(scene.kube, issuerReference(TEAM, name), type, beginning))
  const asks = (name: string, issuerName: string) =>
    ask(scene.kube, { namespace: TEAM, name, csr: csrFor(name), issuerRef: meshIssuer(issuerName) })
  const apply = (name: string, secretName: string, more = {}) => {
    const pca = { credentials: { secretRef: { name: secretName } }, ...more }
    return scene.kube.apply(awsIssuer(scene.aws, { namespace: TEAM, name, arn: CA, pca }))
  }

  test('that are rotated are used from the next call on', async () => {
    const { kube, aws } = scene
    await apply('rotated', KEYS)
    assert.deepEqual(outcomeOf(await settled(kube, await asks('before', 'rotated'))), ISSUED)
    await kube.apply(keysSecret(TEAM, SECOND))
    const bySecond = () => aws.calls().filter(({ principal }) => principal === SECOND.arn)
    // The first check makes them the issuer's; the next one begins after that.
    const checks = () => bySecond().filter(({ operation }) => operation === 'DescribeCertificateAuthority')
    await aws.until('two checks with the second keys', () => checks().length >= 2)
    aws.control({ removeCredentials: [AWS_USER.accessKeyId] })
    assert.deepEqual(outcomeOf(await settled(kube, await asks('after', 'rotated'))), ISSUED)
    const all = aws.calls().map(({ principal, outcome }) => `${outcome} ${principal}`)
    const turned = all.length - bySecond().length
    assert.deepEqual([...new Set(all.slice(0, turned))], [`ok ${AWS_USER.arn}`])
    assert.deepEqual([...new Set(all.slice(turned))], [`ok ${SECOND.arn}`])
    assert.deepEqual(
      aws.journal.minted.map(({ principal }) => principal),
      [AWS_USER.arn, SECOND.arn],
    )
  })

  test('with a session token that ends: the issuer says so, requests wait, and go on with the next one', async () => {
    const { kube, aws } = scene
    await kube.apply(keysSecret(TEAM, session(1), 'session'))
    await apply('session', 'session')
    assert.deepEqual(outcomeOf(await settled(kube, await asks('in-time', 'session'))), ISSUED)
    aws.control({ endSessions: true })
    const words =
      "the issuer's AWS credentials have expired, and those got anew as well; renew them where they come from"
    const { Ready, CredentialsReady } = await shows('session', 'CredentialsReady', 'False')
    assert.deepEqual([Ready, CredentialsReady], Array(2).fill(`False/CredentialsExpired: ${words}`))
    const late = await asks('late', 'session')
    const held = await waiting(kube, late, /./)
    assert.deepEqual(outcomeOf(held), pending(`MeshCAIssuer ${TEAM}/session is not ready: ${words}`))
    aws.control({ credentials: [session(2)] })
    await kube.apply(keysSecret(TEAM, session(2), 'session'))
    assert.deepEqual(outcomeOf(await settled(kube, late)), ISSUED)
    assert.equal(aws.journal.minted.at(-1)?.principal, session(2).arn)
    assert.deepEqual(await shows('session', 'Ready', 'True'), READY)
  })

  test('that become one role after the other, and again as soon as a session ends', async (t) => {
    const { kube, aws } = scene
    await kube.apply(keysSecret(TEAM, STEPS, 'steps'))
    const first = { roleARN: role('first'), externalID: 'ours', tags: [{ key: 'cluster', value: 'cluster-1' }] }
    const from = aws.journal.entries.length
    await apply('chain', 'steps', { assumeRole: [first, { roleARN: role('second') }] })
    assert.deepEqual(await shows('chain', 'Ready', 'True'), READY)
    const since = () => aws.journal.entries.slice(from).filter((entry) => entry.service === 'sts')
    const assumed = since().map(({ role: wanted, principal, outcome }) => ({ wanted, principal, outcome }))
    const asFirst = asSecond.replace('/second/', '/first/')
    assert.deepEqual(assumed, [
      { wanted: role('first'), principal: STEPS.arn, outcome: 'ok' },
      { wanted: role('second'), principal: asFirst, outcome: 'ok' },
    ])
    const history = await recordRequests(kube, TEAM)
    t.after(history.stop)
    aws.control({ endSessions: true })
    assert.deepEqual(outcomeOf(await settled(kube, await asks('chained', 'chain'))), ISSUED)
    assert.equal(aws.journal.minted.at(-1)?.principal, asSecond)
    await history.until('it', (states) => states.get('chained')?.some(isSettled) === true)
    assert.equal(issuerWrites(history.states.get('chained') ?? []), 1)
  })

  test('that AWS does not know, or whose secret is another one, are told apart', async () => {
    const { kube } = scene
    const wrong = [
      { name: 'unknown', keys: { ...SECOND, accessKeyId: 'AKIALABUSER000000009' }, reason: 'CredentialsUnknown' },
      { name: 'unsigned', keys: { ...SECOND, secretAccessKey: 'another' }, reason: 'SignatureRefused' },
    ]
    const found = wrong.map(async ({ name, keys, reason }) => {
      await kube.apply(keysSecret(TEAM, keys, name))
      await apply(name, name)
      const { Ready = '' } = await shows(name, 'Ready', 'False')
      assert.doesNotMatch(Ready, /AKIA|another/)
      return [name, Ready.startsWith(`False/${reason}: `)]
    })
    assert.deepEqual(
      await Promise.all(found),
      wrong.map(({ name }) => [name, true]),
    )
  })
})
