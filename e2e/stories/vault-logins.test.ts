import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { issuer, meshCertificate } from '../harness/objects.ts'
import { eventually } from '../lab/eventually.ts'
import { type KubeObject, type Secret, secretText } from '../lab/kube-objects.ts'
import { issueClient } from '../lab/pki.ts'
import { certificateReady, certificateReference, secretReference } from '../lab/requests.ts'
import { canonicalRoots, fingerprintOf } from './mesh-certificates.ts'
import { conditionsOf, issuerReference, issuerShows } from './support-issuers.ts'
import { ask, csrFor, ISSUED, meshIssuer, outcomeOf, settled } from './support-requests.ts'
import { callsOf, type MountedCa, mountRoot, rightsOn, tokensOf, vaultSpec, writePolicy } from './support-vault.ts'
import { LOGINS, type Login, putSecret } from './support-vault-login.ts'
import { openVaultScene, type VaultScene } from './support-vault-scene.ts'

const TEAM = 'team'
const MANY = 20
const SOON = { withinMs: 10_000, everyMs: 25 }
const METHODS = ['token', 'appRole', 'kubernetes', 'jwt', 'certificate'] as const
/** How tokens of OpenBao and Vault, tokens of ServiceAccounts and keys begin. */
const SECRET = /\b(?:s|hvs)\.[A-Za-z0-9]{16,}|\beyJ[\w-]{16,}|PRIVATE KEY/

describe('logins to Vault', { timeout: 120_000 }, () => {
  let scene: VaultScene
  let root: MountedCa
  let policy: string
  const logins = new Map<string, Login>()
  before(async () => {
    scene = await openVaultScene({
      name: 'vault-logins',
      namespaces: [TEAM],
      controller: { args: ['--log-level=debug'] },
    })
    root = await mountRoot(scene.bao, { mount: 'pki', name: 'root' })
    policy = await writePolicy(scene.bao, 'mesh-ca', rightsOn(root))
  })
  after(() => scene?.stop())

  /** An issuer that is Ready. */
  async function applyIssuer(name: string, vault: Readonly<Record<string, unknown>>): Promise<void> {
    await scene.kube.apply(issuer({ namespace: TEAM, name, spec: vaultSpec(scene.bao, vault) }))
    await issuerShows(scene.kube, issuerReference(TEAM, name), 'Ready', 'True')
  }

  async function issue(name: string): Promise<void> {
    const { kube } = scene
    await kube.apply(meshCertificate({ namespace: TEAM, name, issuerName: name }))
    await certificateReady(kube, certificateReference(TEAM, name))
    const secret = await kube.get<Secret>(secretReference(TEAM, name))
    assert.equal(secretText(secret, 'ca.crt'), canonicalRoots(root.rootPem))
  }

  for (const method of METHODS) {
    test(`${method}: a Certificate is issued, with one login at most`, async () => {
      const { bao, lab } = scene
      const name = method.toLowerCase()
      const fixture = { bao, controlPlane: lab.controlPlane, namespace: TEAM, name, policies: [policy] }
      const login = await LOGINS[method](fixture)
      logins.set(name, login)
      await applyIssuer(name, { auth: login.auth })
      await issue(name)
      if (login.path !== undefined) assert.equal(await callsOf(bao, new RegExp(`^${login.path}$`)), 1)
    })
  }

  test('TLS itself may ask for a client certificate', async () => {
    const { bao, kube } = scene
    const { certificatePem, keyPem } = await issueClient(bao.authority, 'controller')
    const values = { 'tls.crt': certificatePem, 'tls.key': keyPem }
    await putSecret(kube, { namespace: TEAM, name: 'client' }, values, 'kubernetes.io/tls')
    const auth = logins.get('token')?.auth
    await applyIssuer('mutual', {
      server: bao.mutualAddress,
      clientCertificateSecretRef: { name: 'client' },
      auth,
    })
    await issue('mutual')
  })

  const STRANGERS = [
    {
      account: 'jwt',
      says: /^False\/LoginRefused: Vault at \S+ refused the login as role kubernetes at auth\/kubernetes-kubernetes with ServiceAccount team\/jwt; .* takes the audience vault:\/\/team\/stranger$/,
    },
    {
      account: 'default',
      says: /^False\/TokenForbidden: the controller may not create tokens of ServiceAccount default in namespace team; grant /,
    },
  ]
  for (const { account, says } of STRANGERS) {
    test(`ServiceAccount ${account} is nobody to the role, and the issuer says so`, async () => {
      const { kube, bao } = scene
      const login = { mount: 'kubernetes-kubernetes', role: 'kubernetes', serviceAccountRef: { name: account } }
      const spec = vaultSpec(bao, { auth: { kubernetes: login } })
      await kube.apply(issuer({ namespace: TEAM, name: 'stranger', spec }))
      const shown = await issuerShows(kube, issuerReference(TEAM, 'stranger'), 'CredentialsReady', 'False')
      assert.match(conditionsOf(shown).CredentialsReady ?? '', says)
    })
  }

  test(`${MANY} requests at once take no login of their own`, async () => {
    const { kube, bao } = scene
    const signed = await callsOf(bao, /sign-intermediate$/)
    const names = Array.from({ length: MANY }, (_, turn) => `many-${turn}`)
    const issuerRef = meshIssuer('kubernetes')
    const references = await Promise.all(
      names.map((name) => ask(kube, { namespace: TEAM, name, csr: csrFor(name), issuerRef })),
    )
    for (const reference of references) assert.deepEqual(outcomeOf(await settled(kube, reference)), ISSUED)
    assert.equal(await callsOf(bao, /sign-intermediate$/), signed + MANY)
    assert.equal(await callsOf(bao, new RegExp(`^${logins.get('kubernetes')?.path}$`)), 1)
  })

  test('a token is given up when its issuer changes, and when that is deleted', async () => {
    const { kube, bao } = scene
    const path = logins.get('jwt')?.path ?? ''
    const first = await tokensOf(bao, path)
    assert.equal(first.length, 1)
    await kube.patch(issuerReference(TEAM, 'jwt'), {
      spec: { vault: { issuerFingerprint: fingerprintOf(root.rootPem) } },
    })
    await issuerShows(kube, issuerReference(TEAM, 'jwt'), 'Ready', 'True')
    const second = await eventually({ ...SOON, what: 'One other token' }, async () => {
      const now = await tokensOf(bao, path)
      return now.length === 1 && now[0] !== first[0] ? now : undefined
    })
    assert.equal(second.length, 1)
    await kube.delete(issuerReference(TEAM, 'jwt'))
    await eventually({ ...SOON, what: 'No token' }, async () => (await tokensOf(bao, path)).length === 0 || undefined)
  })

  test('nothing secret is in a log, an event, a status or a metric', async () => {
    const { kube, controller } = scene
    const listed = async (apiVersion: string, kind: string): Promise<string> =>
      JSON.stringify((await kube.list<KubeObject>({ apiVersion, kind })).items)
    const secrets = await listed('v1', 'Secret')
    const given = [...secrets.matchAll(/"(?:token|secret-id|tls.key)":"([^"]+)"/g)].map(([, value = '']) =>
      decode(value),
    )
    assert.ok(
      given.some((value) => SECRET.test(value)),
      'the search finds what is there',
    )
    const places: Readonly<Record<string, string>> = {
      'the log': controller.program.log.text(),
      events: await listed('events.k8s.io/v1', 'Event'),
      issuers: await listed('meshca.dev/v1alpha1', 'MeshCAIssuer'),
      requests: await listed('cert-manager.io/v1', 'CertificateRequest'),
      metrics: (await controller.get('/metrics')).body,
    }
    for (const [place, text] of Object.entries(places)) {
      assert.ok(text.length > 0, place)
      assert.deepEqual(text.match(SECRET), null, place)
      for (const value of given) assert.ok(!text.includes(value.trim()), place)
    }
  })

  test('a controller that stops gives up what it logged in for, and no token of others', async () => {
    const { bao, controller } = scene
    assert.equal((await tokensOf(bao, logins.get('kubernetes')?.path ?? '')).length, 1)
    const given = await tokensOf(bao, 'auth/token/create-orphan')
    await controller.stop()
    for (const [method, { path }] of logins) {
      if (path !== undefined) assert.deepEqual(await tokensOf(bao, path), [], method)
    }
    assert.deepEqual(await tokensOf(bao, 'auth/token/create-orphan'), given)
  })
})

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
