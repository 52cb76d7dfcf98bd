import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CredentialOptions } from '../../src/testing/fakes/acm-pca/options.ts'
import { issuer, meshCertificate } from '../harness/objects.ts'
import { leaksIn, secretsOf } from '../harness/secrets.ts'
import { AWS_ACCOUNT, AWS_USER, type Aws, caArn, installed, startAws } from '../lab/acm-pca.ts'
import { createAuthority, issueClient } from '../lab/pki.ts'
import { freePort } from '../lab/ports.ts'
import { certificateReady, certificateReference } from '../lab/requests.ts'
import { type AccessKeys, AWS_ARGS, awsIssuer, keysSecret } from './support-aws.ts'
import { issuerReference, issuerShows } from './support-issuers.ts'
import { type Outlets, openOutlets, printedBy, runBoth } from './support-printed.ts'
import { createToken, mountRoot, rightsOn, vaultSpec, writePolicy } from './support-vault.ts'
import { allowTokens, LOGINS, putSecret } from './support-vault-login.ts'
import { openVaultScene, type VaultScene } from './support-vault-scene.ts'

const TEAM = 'team'
const CA = caArn(1)
const ROLE = `arn:aws:iam::${AWS_ACCOUNT}:role/mesh-ca`
const SESSION: CredentialOptions & AccessKeys = {
  accessKeyId: 'ASIALABSESSION000001',
  secretAccessKey: 'lab-session-secret-access-key-00000000001',
  sessionToken: 'lab-session-token-0000000000000000000001',
  arn: `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/person/session-1`,
}
const NOBODY: CredentialOptions = {
  accessKeyId: 'AKIALABNOBODY0000001',
  secretAccessKey: 'lab-nobody-secret-access-key-000000000001',
  arn: `arn:aws:iam::${AWS_ACCOUNT}:user/nobody`,
  permissions: [],
}
/** What takes the place of what was right. */
const WRONG = 'wrong-horse-wrong-battery-wrong-staple-0123456789'
const METHODS = ['token', 'appRole', 'kubernetes', 'jwt', 'certificate'] as const
const AWS_KINDS = ['aws-keys', 'aws-session', 'aws-role'] as const
const ALL = [...METHODS.map((method) => method.toLowerCase()), ...AWS_KINDS]
/** The issuers whose login may do less than they need. */
const LESS = ['vault-less', 'aws-less'] as const

describe('what issuers log in with stays where it is', { timeout: 300_000 }, () => {
  let scene: VaultScene
  let aws: Aws
  let outlets: Outlets
  before(async () => {
    const port = await freePort()
    const args = [...AWS_ARGS, '--log-level=debug', `--status-addr=127.0.0.1:${port}`]
    scene = await openVaultScene({ name: 'secrets-pki', namespaces: [TEAM], controller: { args } })
    aws = await startAws(scene.lab.workspace, {
      authorities: [installed(CA, await createAuthority({ commonName: 'Root' }))],
      credentials: [AWS_USER, SESSION, NOBODY],
      roles: [{ arn: ROLE, trust: { webIdentity: {} } }],
    })
    outlets = await openOutlets(scene, port)
  })
  after(() => scene?.stop())

  const shows = (name: string, beginning: string) =>
    issuerShows(scene.kube, issuerReference(TEAM, name), 'Ready', beginning)
  const applyAws = (name: string, credentials: object, more = {}) =>
    scene.kube.apply(awsIssuer(aws, { namespace: TEAM, name, arn: CA, pca: { credentials, ...more } }))
  const applyVault = (name: string, auth: object) =>
    scene.kube.apply(issuer({ namespace: TEAM, name, spec: vaultSpec(scene.bao, { auth }) }))
  const check = async (name: string): Promise<readonly [number, string]> => {
    const { code, out, err } = await outlets.commands.run('check', `${TEAM}/${name}`, '--insecure-endpoints')
    return [code, `${out}${err}`.replaceAll(/\s+/g, ' ')]
  }

  test('while Certificates are issued by every login that there is', async () => {
    const { bao, kube, lab } = scene
    const policies = [await writePolicy(bao, 'mesh-ca', rightsOn(await mountRoot(bao, { mount: 'pki', name: 'root' })))]
    for (const method of METHODS) {
      const name = method.toLowerCase()
      const fixture = { bao, controlPlane: lab.controlPlane, namespace: TEAM, name, policies }
      await applyVault(name, (await LOGINS[method](fixture)).auth)
    }
    await kube.apply(keysSecret(TEAM, AWS_USER, 'aws-keys'))
    await kube.apply(keysSecret(TEAM, SESSION, 'aws-session'))
    await allowTokens({ controlPlane: lab.controlPlane, namespace: TEAM, name: 'aws-role' })
    for (const name of ['aws-keys', 'aws-session']) await applyAws(name, { secretRef: { name } })
    await applyAws('aws-role', { serviceAccountRef: { name: 'aws-role' } }, { assumeRole: [{ roleARN: ROLE }] })
    for (const name of ALL) {
      await shows(name, 'True')
      await kube.apply(meshCertificate({ namespace: TEAM, name, issuerName: name }))
      await certificateReady(kube, certificateReference(TEAM, name))
    }
  })

  test('while check tries them, and says what would be asked', async () => {
    const [vaultCode, vault] = await check('approle')
    assert.equal(vaultCode, 0, vault)
    assert.match(vault, / by POST pki\/issuer\/default\/sign-intermediate Nothing was signed\./)
    const [awsCode, pca] = await check('aws-role')
    assert.equal(awsCode, 0, pca)
    assert.match(
      pca,
      / by acm-pca:IssueCertificate with template SubordinateCACertificate_PathLen0\/V1 on arn:aws:acm-pca:/,
    )
  })

  test('while check says which permission is missing', async () => {
    const { bao, kube } = scene
    const { 'pki/issuer/default/json': read = [] } = rightsOn({ mount: 'pki' })
    const policy = await writePolicy(bao, 'less', { 'pki/issuer/default/json': read })
    await putSecret(kube, { namespace: TEAM, name: 'vault-less' }, { token: await createToken(bao, policy) })
    await applyVault('vault-less', { token: { secretRef: { name: 'vault-less' } } })
    await kube.apply(keysSecret(TEAM, NOBODY, 'aws-less'))
    await applyAws('aws-less', { secretRef: { name: 'aws-less' } })
    const [vaultCode, vault] = await check('vault-less')
    assert.equal(vaultCode, 2, vault)
    assert.match(
      vault,
      /lacks the capability update on pki\/issuer\/default\/sign-intermediate; add to its policy: path "pki\/issuer\/default\/sign-intermediate" \{ capabilities = \["update"\] \}/,
    )
    const [awsCode, pca] = await check('aws-less')
    assert.equal(awsCode, 2, pca)
    assert.match(pca, /acm-pca:DescribeCertificateAuthority/)
    for (const name of LESS) await shows(name, 'False')
  })

  test('while nothing that they log in with is right any more', async () => {
    const { bao, kube } = scene
    await putSecret(kube, { namespace: TEAM, name: 'token' }, { token: WRONG })
    await putSecret(kube, { namespace: TEAM, name: 'approle' }, { 'secret-id': WRONG })
    const { certificatePem, keyPem } = await issueClient(await createAuthority({ commonName: 'Stranger' }), 'stranger')
    const pair = { 'tls.crt': certificatePem, 'tls.key': keyPem }
    await putSecret(kube, { namespace: TEAM, name: 'certificate' }, pair, 'kubernetes.io/tls')
    for (const method of ['kubernetes', 'jwt'])
      await kube.patch(issuerReference(TEAM, method), { spec: { vault: { auth: { [method]: { role: 'nobody' } } } } })
    await kube.apply(keysSecret(TEAM, { ...AWS_USER, secretAccessKey: WRONG }, 'aws-keys'))
    await kube.apply(keysSecret(TEAM, { ...SESSION, sessionToken: WRONG }, 'aws-session'))
    const assumeRole = [{ roleARN: `${ROLE}-nobody` }]
    await kube.patch(issuerReference(TEAM, 'aws-role'), { spec: { awsPrivateCA: { assumeRole } } })
    for (const name of ALL) await shows(name, 'False')
    for (const name of ALL) assert.equal((await check(name))[0], 2, name)
    await bao.admin('POST', 'sys/seal', {})
    assert.equal((await check('approle'))[0], 2)
  })

  test('while the other verbs look at all of it', async () => {
    assert.deepEqual(await runBoth(outlets, 'doctor', `--namespace=${TEAM}`), [2, 2])
    assert.deepEqual(await runBoth(outlets, 'status', `--namespace=${TEAM}`), [0, 0])
  })

  test('nothing of it stands anywhere', async () => {
    const { bao, lab } = scene
    const keys = [AWS_USER, SESSION, NOBODY].map(({ secretAccessKey }) => secretAccessKey)
    const own = [...keys, SESSION.sessionToken ?? '', WRONG, bao.rootToken]
    const secrets = [...(await secretsOf(lab.controlPlane)), ...own]
    for (const value of own)
      assert.notDeepEqual(leaksIn(`it is ${value}`, secrets), [], 'the search finds what is there')
    for (const [place, text] of Object.entries(await printedBy(outlets))) {
      assert.ok(text.length > 0, place)
      assert.deepEqual(leaksIn(text, secrets), [], place)
    }
  })
})
