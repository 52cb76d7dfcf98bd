import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { leaksIn, secretsOf } from '../harness/secrets.ts'
import type { KubeObject, Secret } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { freePort } from '../lab/ports.ts'
import { certificateReady, certificateReference, requestReference } from '../lab/requests.ts'
import { clusterIssuerReference, issuerReference, issuerShows } from './support-issuers.ts'
import { type Outlets, openOutlets, printedBy, runBoth } from './support-printed.ts'
import { waiting } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const TEAM = 'team'
const OURS = 'mesh-ca-issuer'
/** What nobody should read anywhere, and what is recognised at once. */
const MARK = 'correct-horse-battery-staple-0123456789'
/** Issuers whose Secret is broken in a way of its own, and what is wrong. */
const BROKEN = {
  'marked-key': 'CaKeyUnreadable',
  'cut-key': 'CaKeyUnreadable',
  swapped: 'CaCertificateUnreadable',
  'marked-certificate': 'CaCertificateUnreadable',
  foreign: 'CaKeyMismatch',
  'other-names': 'KeyMissing',
} as const

describe('secrets stay where they are', { timeout: 300_000 }, () => {
  let scene: Scene
  let root: Authority
  let outlets: Outlets
  before(async () => {
    root = await createAuthority({ commonName: 'root' })
    const port = await freePort()
    const args = ['--log-level=debug', `--status-addr=127.0.0.1:${port}`]
    scene = await openScene({ name: 'secrets-stay', namespaces: [TEAM], controller: { args } })
    outlets = await openOutlets(scene, port)
  })
  after(() => scene?.stop())

  const put = (name: string, stringData: Readonly<Record<string, string>>) => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: TEAM, name }, stringData }
    return scene.kube.apply<KubeObject & { readonly stringData: object }>(secret)
  }
  const signsWith = (name: string, spec: object = {}) =>
    scene.kube.apply(issuer({ namespace: TEAM, name, spec: { ca: { secretRef: { name } }, ...spec } }))
  const unready = async (name: keyof typeof BROKEN): Promise<void> => {
    await signsWith(name)
    await issuerShows(scene.kube, issuerReference(TEAM, name), 'Ready', `False/${BROKEN[name]}`)
    await scene.kube.apply(meshCertificate({ namespace: TEAM, name: `from-${name}`, issuerName: name }))
    await waiting(scene.kube, requestReference(TEAM, `from-${name}-1`), /not ready/)
  }

  test('while certificates are issued', async () => {
    const { kube } = scene
    for (const namespace of [TEAM, OURS]) {
      const { stringData, ...secret } = caSecret(namespace, 'good', root)
      await kube.apply({ ...secret, stringData: { ...stringData, password: MARK } })
    }
    await signsWith('good')
    const spec = { ca: { secretRef: { name: 'good' } }, allowedNamespaces: { selector: {} } }
    await kube.apply(issuer({ name: 'good', spec }))
    await issuerShows(kube, clusterIssuerReference('good'), 'Ready', 'True')
    for (const [name, issuerKind] of [
      ['own', 'MeshCAIssuer'],
      ['shared', 'MeshCAClusterIssuer'],
    ] as const) {
      await kube.apply(meshCertificate({ namespace: TEAM, name, issuerName: 'good', issuerKind }))
      await certificateReady(kube, certificateReference(TEAM, name))
    }
  })

  test('while Secrets are broken in every way', async () => {
    const { certificatePem, keyPem } = root
    const other = await createAuthority({ commonName: 'other' })
    await put('marked-key', { 'tls.crt': certificatePem, 'tls.key': MARK })
    await put('cut-key', { 'tls.crt': certificatePem, 'tls.key': keyPem.replace(/[^\n]{20}\n-----END/, '\n-----END') })
    await put('swapped', { 'tls.crt': keyPem, 'tls.key': certificatePem })
    await put('marked-certificate', { 'tls.crt': `${certificatePem}${MARK}\n`, 'tls.key': keyPem })
    await put('foreign', { 'tls.crt': certificatePem, 'tls.key': other.keyPem })
    await put('other-names', { [MARK]: MARK, 'tls.key': keyPem })
    for (const name of ['marked-key', 'cut-key', 'swapped', 'marked-certificate', 'foreign', 'other-names'] as const)
      await unready(name)
    await put('key-as-root', { 'ca.crt': keyPem })
    const additionalRoots = [{ secretRef: { name: 'key-as-root', sha256: ['0'.repeat(64)] } }]
    await signsWith('good-too', { ca: { secretRef: { name: 'good' } }, trust: { additionalRoots } })
    await issuerShows(scene.kube, issuerReference(TEAM, 'good-too'), 'Ready', 'False')
  })

  test('while every verb of the command line looks at them', async () => {
    const code = async (...args: readonly string[]): Promise<number> => (await outlets.commands.run(...args)).code
    assert.deepEqual(await runBoth(outlets, 'check', `${TEAM}/good`), [0, 0])
    assert.deepEqual(await runBoth(outlets, 'check', `${TEAM}/marked-key`), [2, 2])
    for (const name of [...Object.keys(BROKEN), 'good-too'])
      assert.equal(await code('check', `${TEAM}/${name}`), 2, name)
    assert.deepEqual(await runBoth(outlets, 'verify', `secret/${TEAM}/own`), [0, 0])
    assert.deepEqual(await runBoth(outlets, 'verify', `secret/${TEAM}/marked-key`), [2, 2])
    for (const name of [...Object.keys(BROKEN), 'key-as-root'])
      assert.equal(await code('verify', `secret/${TEAM}/${name}`), 2, name)
    assert.deepEqual(await runBoth(outlets, 'doctor', `--namespace=${TEAM}`), [2, 2])
    assert.deepEqual(await runBoth(outlets, 'status'), [0, 0])
  })

  test('nothing of them stands anywhere', async () => {
    const secrets = [...(await secretsOf(scene.lab.controlPlane)), MARK]
    const keys = secrets.filter((value) => value.includes('PRIVATE KEY'))
    assert.ok(keys.length >= 6, 'the keys of the CAs and of the Certificates are known')
    const there = JSON.stringify((await scene.kube.list<Secret>({ apiVersion: 'v1', kind: 'Secret' })).items)
    for (const one of [keys, [MARK]]) assert.notDeepEqual(leaksIn(there, one), [], 'the search finds what is there')
    for (const [place, text] of Object.entries(await printedBy(outlets))) {
      assert.ok(text.length > 0, place)
      assert.deepEqual(leaksIn(text, secrets), [], place)
    }
  })
})
