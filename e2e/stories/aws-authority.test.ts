import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CredentialOptions } from '../../src/testing/fakes/acm-pca/options.ts'
import { AWS_ACCOUNT, AWS_USER, caArn, installed, OTHER_ACCOUNT } from '../lab/acm-pca.ts'
import { createAuthority } from '../lab/pki.ts'
import { type AwsIssuer, type AwsScene, awsIssuer, keysSecret, openAwsScene } from './support-aws.ts'
import { conditionsOf, issuerReference, issuerShows, READY } from './support-issuers.ts'
import { ask, csrFor, failed, ISSUED, meshIssuer, outcomeOf, pending, settled, waiting } from './support-requests.ts'

const DAY_MS = 24 * 3_600_000
const TEAM = 'team'
const [CA, SPENT, SHORT, BRIEF] = [caArn(1), caArn(2), caArn(3), caArn(4)]
const [SHARED, FOREIGN] = [caArn(5, { account: OTHER_ACCOUNT }), caArn(6, { account: OTHER_ACCOUNT })]
const PATH_LENGTH_0 = 'SubordinateCACertificate_PathLen0/V1'
const NO_CA = { isCA: false, usages: ['digital signature', 'server auth'] }
/** May do everything but issue. */
const READER: CredentialOptions = {
  accessKeyId: 'AKIALABREADER0000001',
  secretAccessKey: 'lab-reader-secret-access-key-000000000001',
  arn: `arn:aws:iam::${AWS_ACCOUNT}:user/reader`,
  permissions: [{ actions: ['DescribeCertificateAuthority', 'GetCertificateAuthorityCertificate', 'GetCertificate'] }],
}

describe('a CA of AWS that cannot sign, and issuers that may not have it', { timeout: 120_000 }, () => {
  let scene: AwsScene
  before(async () => {
    const root = await createAuthority({ commonName: 'Root' })
    const brief = await createAuthority({ commonName: 'Brief', parent: root, lifetimeMs: 2 * DAY_MS })
    const permission = 'AWSRAMSubordinateCACertificatePathLen0IssuanceCertificateAuthority'
    const authorities = [
      installed(CA, root),
      installed(SPENT, root, { certificateQuota: 1 }),
      installed(SHORT, root, { usageMode: 'SHORT_LIVED_CERTIFICATE' }),
      installed(BRIEF, brief),
      installed(SHARED, root, { shares: [{ account: AWS_ACCOUNT, permission }] }),
      installed(FOREIGN, root),
    ]
    const aws = { authorities, credentials: [AWS_USER, READER] }
    scene = await openAwsScene({ name: 'aws-authority', namespaces: [TEAM], aws })
    await scene.kube.apply(keysSecret(TEAM, READER, 'reader-keys'))
  })
  after(() => scene?.stop())

  const apply = (name: string, arn: string, more: Pick<AwsIssuer, 'pca' | 'spec'> = {}) =>
    scene.kube.apply(awsIssuer(scene.aws, { namespace: TEAM, name, arn, ...more }))
  const shows = async (name: string, type: string, beginning: string) =>
    conditionsOf(await issuerShows(scene.kube, issuerReference(TEAM, name), type, beginning))
  const asks = (name: string, issuerName: string, spec: object = {}) =>
    ask(scene.kube, { namespace: TEAM, name, csr: csrFor(name), issuerRef: meshIssuer(issuerName), spec: { ...spec } })
  const orders = (arn: string) => scene.aws.calls('IssueCertificate').filter(({ authority }) => authority === arn)
  const notReady = (name: string, words: string) => pending(`MeshCAIssuer ${TEAM}/${name} is not ready: ${words}`)

  test('disabled: said at the next check; requests wait in words, and go on when it is active again', async (t) => {
    const { kube, aws } = scene
    await apply('mesh', CA)
    assert.deepEqual(await shows('mesh', 'Ready', 'True'), READY)
    const words = `the CA ${CA} is disabled; set its status to ACTIVE`
    aws.control({ status: { [CA]: 'DISABLED' } })
    const begin = performance.now()
    const { Ready, AuthorityReady } = await shows('mesh', 'AuthorityReady', 'False')
    const tookMs = performance.now() - begin
    assert.deepEqual([Ready, AuthorityReady], Array(2).fill(`False/AuthorityDisabled: ${words}`))
    t.diagnostic(`said after ${Math.round(tookMs)} ms, with a check each second`)
    assert.ok(tookMs < 5000)
    const request = await asks('waits', 'mesh')
    assert.deepEqual(outcomeOf(await waiting(kube, request, /./)), notReady('mesh', words))
    assert.deepEqual(orders(CA), [])
    aws.control({ status: { [CA]: 'ACTIVE' } })
    assert.deepEqual(outcomeOf(await settled(kube, request)), ISSUED)
    assert.deepEqual(await shows('mesh', 'Ready', 'True'), READY)
  })

  test('may be read but not issued with: the message names action, template and policy', async () => {
    const { kube, aws } = scene
    await apply('reader', CA, { pca: { credentials: { secretRef: { name: 'reader-keys' } } } })
    const request = await asks('denied', 'reader')
    const words = `acm-pca:IssueCertificate on ${CA} with template ${PATH_LENGTH_0} is not allowed: let an IAM policy of the issuer's credentials allow it`
    const { CredentialsReady } = await shows('reader', 'CredentialsReady', 'False')
    assert.equal(CredentialsReady, `False/AccessDenied: ${words}`)
    const held = await waiting(kube, request, /IssueCertificate/)
    assert.ok([words, notReady('reader', words).message].includes(outcomeOf(held).message), outcomeOf(held).message)
    aws.control({ permissions: { [READER.arn]: null } })
    assert.deepEqual(outcomeOf(await settled(kube, request)), ISSUED)
    assert.deepEqual(await shows('reader', 'Ready', 'True'), READY)
  })

  test('has issued all that its quota allows', async () => {
    const { kube } = scene
    await apply('spent', SPENT)
    assert.deepEqual(outcomeOf(await settled(kube, await asks('only', 'spent'))), ISSUED)
    const request = await asks('too-many', 'spent')
    const words = `the CA ${SPENT} has issued as many certificates as its quota allows; ask AWS for a higher quota, or use another CA`
    assert.equal((await shows('spent', 'AuthorityReady', 'False')).Ready, `False/CertificateQuotaSpent: ${words}`)
    assert.equal(outcomeOf(await waiting(kube, request, /quota/)).ready, 'False/Pending')
  })

  const places = [
    {
      name: 'region',
      arn: CA,
      pca: { region: 'eu-west-1' },
      says: `RegionUnfit: the CA lies in region eu-central-1, and awsPrivateCA.region is eu-west-1; leave awsPrivateCA.region out, or name the ARN of a CA that lies there`,
    },
    {
      name: 'nobody',
      arn: caArn(99),
      says: `AuthorityNotFound: there is no CA ${caArn(99)} in region eu-central-1 that these credentials may see; correct awsPrivateCA.arn, or restore the CA`,
    },
    {
      name: 'foreign',
      arn: FOREIGN,
      says: `AccessDenied: acm-pca:DescribeCertificateAuthority on ${FOREIGN} is not allowed: let an IAM policy of the issuer's credentials allow it; and since the caller is of account ${AWS_ACCOUNT}, share the CA from account ${OTHER_ACCOUNT} through AWS RAM with any permission for private CAs`,
    },
    {
      name: 'template',
      arn: CA,
      pca: { templateName: 'SubordinateCACertificate_PathLen4/V1' },
      says: "TemplateUnfit: the issuer's templateName is SubordinateCACertificate_PathLen4/V1, which is no template that requests are signed with; leave awsPrivateCA.templateName out, or name a template that fits",
    },
  ]
  test('is not where the issuer looks for it: the message names what to correct', async () => {
    for (const { name, arn, pca = {} } of places) await apply(name, arn, { pca })
    const said = await Promise.all(places.map(async ({ name }) => (await shows(name, 'Ready', 'False')).Ready))
    assert.deepEqual(
      said,
      places.map(({ says }) => `False/${says}`),
    )
  })

  test('is shared for one template: that one is used, and the message names what another would take', async () => {
    const { kube, aws } = scene
    await apply('shared', SHARED)
    assert.deepEqual(outcomeOf(await settled(kube, await asks('within', 'shared'))), ISSUED)
    assert.deepEqual(
      aws.journal.mintedFor({ authority: SHARED }).map(({ template }) => template),
      [PATH_LENGTH_0],
    )
    const permitted = { dnsDomains: ['svc'], uriDomains: ['cluster.local'] }
    await apply('constrained', SHARED, { spec: { nameConstraints: { permitted } } })
    const held = await waiting(kube, await asks('beyond', 'constrained'), /AWS RAM/)
    const words = `acm-pca:IssueCertificate on ${SHARED} with template SubordinateCACertificate_PathLen0_APIPassthrough/V1 is not allowed: let an IAM policy of the issuer's credentials allow it; and since the caller is of account ${AWS_ACCOUNT}, share the CA from account ${OTHER_ACCOUNT} through AWS RAM with a customer managed permission for this template, since no managed one has it`
    assert.ok(outcomeOf(held).message?.endsWith(words), outcomeOf(held).message)
  })

  test('is for short lives: more than seven days are refused before the call', async () => {
    const { kube } = scene
    await apply('short', SHORT)
    const { AuthorityReady } = await shows('short', 'AuthorityReady', 'True')
    const told =
      'it signs for 168h0m0s at most, and duration.default is 2160h: lower that, or ask for less in each Certificate'
    assert.equal(AuthorityReady, `${READY.AuthorityReady}; ${told}`)
    const words =
      'the CA issues short-lived certificates only (usage mode SHORT_LIVED_CERTIFICATE): ask for a duration of at most 168h, or use a CA in mode GENERAL_PURPOSE'
    assert.deepEqual(outcomeOf(await settled(kube, await asks('longer', 'short', { duration: '169h' }))), failed(words))
    assert.deepEqual(orders(SHORT), [])
    assert.deepEqual(outcomeOf(await settled(kube, await asks('week', 'short', { duration: '168h' }))), ISSUED)
  })

  test('ends first: the request waits, and nothing is asked', async () => {
    await apply('brief', BRIEF)
    const { AuthorityReady = '' } = await shows('brief', 'AuthorityReady', 'True')
    assert.match(AuthorityReady, /; CN=Brief ends at \S+, before a certificate of duration\.default \(2160h\) would: /)
    const held = await waiting(scene.kube, await asks('outlives', 'brief'), /ends/)
    const words =
      /^CN=Brief ends at \S+, before a certificate of 2160h would .*; renew that CA, or ask for a shorter duration$/
    assert.match(outcomeOf(held).message ?? '', words)
    assert.deepEqual(orders(BRIEF), [])
  })

  test('is pinned to a template for CAs: who asks for no CA never gets one', async () => {
    const { kube } = scene
    const before = orders(CA).length
    const words = `the issuer's templateName is ${PATH_LENGTH_0}, which makes a CA, and none is asked for; leave awsPrivateCA.templateName out, or name a template that fits`
    for (const profile of ['Any', 'EndEntity']) {
      const name = `pinned-${profile.toLowerCase()}`
      await apply(name, CA, { pca: { templateName: PATH_LENGTH_0 }, spec: { profile } })
      assert.deepEqual(outcomeOf(await waiting(kube, await asks(name, name, NO_CA), /templateName/)), pending(words))
    }
    assert.equal(orders(CA).length, before)
  })
})
