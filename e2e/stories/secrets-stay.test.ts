import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import type { KubeObject, Secret } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference, requestReference } from '../lab/requests.ts'
import { clusterIssuerReference, issuerReference, issuerShows } from './support-issuers.ts'
import { waiting } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const TEAM = 'team'
const OURS = 'mesh-ca-issuer'
/** What nobody should read anywhere, and what is recognised at once. */
const MARK = 'correct-horse-battery-staple-0123456789'
/** How much of a secret is taken for the secret. */
const PIECE = 16

describe('secrets stay where they are', { timeout: 120_000 }, () => {
  let scene: Scene
  let root: Authority
  before(async () => {
    root = await createAuthority({ commonName: 'root' })
    scene = await openScene({
      name: 'secrets-stay',
      namespaces: [TEAM],
      controller: { args: ['--log-level=debug'] },
    })
  })
  after(() => scene.stop())

  const put = (name: string, stringData: Readonly<Record<string, string>>) => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: TEAM, name }, stringData }
    return scene.kube.apply<KubeObject & { readonly stringData: object }>(secret)
  }
  const signsWith = (name: string, spec: object = {}) =>
    scene.kube.apply(issuer({ namespace: TEAM, name, spec: { ca: { secretRef: { name } }, ...spec } }))
  const unready = async (name: string, reason: string): Promise<void> => {
    await signsWith(name)
    await issuerShows(scene.kube, issuerReference(TEAM, name), 'Ready', `False/${reason}`)
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
    await put('marked-key', { 'tls.crt': certificatePem, 'tls.key': MARK })
    await unready('marked-key', 'CaKeyUnreadable')
    await put('cut-key', { 'tls.crt': certificatePem, 'tls.key': keyPem.replace(/[^\n]{20}\n-----END/, '\n-----END') })
    await unready('cut-key', 'CaKeyUnreadable')
    await put('swapped', { 'tls.crt': keyPem, 'tls.key': certificatePem })
    await unready('swapped', 'CaCertificateUnreadable')
    await put('marked-certificate', { 'tls.crt': `${certificatePem}${MARK}\n`, 'tls.key': keyPem })
    await unready('marked-certificate', 'CaCertificateUnreadable')
    await put('foreign', {
      'tls.crt': certificatePem,
      'tls.key': (await createAuthority({ commonName: 'other' })).keyPem,
    })
    await unready('foreign', 'CaKeyMismatch')
    await put('other-names', { [MARK]: MARK, 'tls.key': keyPem })
    await unready('other-names', 'KeyMissing')
    await put('key-as-root', { 'ca.crt': keyPem })
    const additionalRoots = [{ secretRef: { name: 'key-as-root', sha256: ['0'.repeat(64)] } }]
    await signsWith('good-too', { ca: { secretRef: { name: 'good' } }, trust: { additionalRoots } })
    await issuerShows(scene.kube, issuerReference(TEAM, 'good-too'), 'Ready', 'False')
  })

  test('nothing of them is in a log, an event, a status or a metric', async () => {
    const { kube, controller, lab } = scene
    const { items } = await kube.list<Secret>({ apiVersion: 'v1', kind: 'Secret' })
    const values = items.flatMap(({ data = {} }) => Object.values(data)).map(decode)
    const keys = values.filter((value) => value.includes('PRIVATE KEY')).flatMap(scalarsIn)
    assert.ok(keys.length >= 3 * 6, 'the keys of the CAs and of the Certificates are known')
    const there = await listed('v1', 'Secret')
    for (const secrets of [keys, [MARK]])
      assert.notDeepEqual(leaks(piecesOf(secrets), there), [], 'the search finds what is there')
    const pieces = piecesOf([...keys, MARK, lab.controlPlane.users[OURS].token])
    const places: Readonly<Record<string, string>> = {
      'the log': controller.program.log.text(),
      events: await listed('events.k8s.io/v1', 'Event'),
      issuers: await listed('meshca.dev/v1alpha1', 'MeshCAIssuer'),
      'cluster issuers': await listed('meshca.dev/v1alpha1', 'MeshCAClusterIssuer'),
      requests: await listed('cert-manager.io/v1', 'CertificateRequest'),
      Certificates: await listed('cert-manager.io/v1', 'Certificate'),
      metrics: (await controller.get('/metrics')).body,
      readiness: (await controller.get('/readyz')).body,
    }
    for (const [place, text] of Object.entries(places)) {
      assert.ok(text.length > 0, place)
      assert.deepEqual(leaks(pieces, text), [], place)
    }
  })

  /** What is listed, and beside it whatever is base64 in it as text. */
  const listed = async (apiVersion: string, kind: string): Promise<string> => {
    const { items } = await scene.kube.list<KubeObject & { readonly status?: object }>({ apiVersion, kind })
    const text = JSON.stringify(items)
    return [text, ...(text.match(/[A-Za-z0-9+/]{40,}=*/g) ?? []).map(decode)].join('\n')
  }
})

function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('utf8')
}

/** The private number of an EC key, as base64 at each of the three places where it may begin in a longer text. */
function scalarsIn(pem: string): readonly string[] {
  const scalar = Buffer.from(scalarOf(pem) ?? '', 'base64url')
  if (scalar.length === 0) return []
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), scalar])
      .toString('base64')
      .replace(/=+$/, '')
    return text.slice(shift === 0 ? 0 : shift + 1, -2)
  })
}

function scalarOf(pem: string): string | undefined {
  try {
    return createPrivateKey(pem).export({ format: 'jwk' }).d
  } catch {
    return undefined
  }
}

/** Pieces of secrets, as long as `PIECE`: whoever quotes twice as much of one is found. */
function piecesOf(secrets: readonly string[]): ReadonlySet<string> {
  return new Set(secrets.flatMap((secret) => secret.match(new RegExp(`.{${PIECE}}`, 'g')) ?? []))
}

/** The pieces that are in the text; line breaks, as such and in JSON, hide none. */
function leaks(pieces: ReadonlySet<string>, text: string): readonly string[] {
  const plain = text.replaceAll(/\s|\\n/g, '')
  return [...pieces].filter((piece) => plain.includes(piece))
}
