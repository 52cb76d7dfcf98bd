import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer } from '../harness/objects.ts'
import type { Conditioned } from '../lab/kube-objects.ts'
import type { Reference } from '../lab/kube-paths.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { approveSigningRequest } from '../lab/requests.ts'
import { tells, told } from './support-events.ts'
import { csrFor } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const KIND = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' }
const OURS = 'mesh-ca-issuer'
const HOUR_MS = 3_600_000
const IS_CA = 'experimental.cert-manager.io/request-is-ca'
const DURATION = 'experimental.cert-manager.io/request-duration'

interface SigningRequest extends Conditioned {
  readonly spec: object
  readonly status?: Conditioned['status'] & { readonly certificate?: string }
}

interface Asked {
  readonly name: string
  readonly issuer: string
  readonly usages?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly expirationSeconds?: number
}

describe("Kubernetes' own signing requests", { timeout: 120_000 }, () => {
  let scene: Scene
  let root: Authority
  before(async () => {
    root = await createAuthority({ commonName: 'root' })
    scene = await openScene({ name: 'kubernetes-csr' })
    await scene.kube.apply(caSecret(OURS, 'ca', root))
    const spec = { ca: { secretRef: { name: 'ca' } }, allowedNamespaces: { selector: {} } }
    await scene.kube.apply(issuer({ name: 'any', spec: { ...spec, profile: 'Any', duration: { max: '2160h' } } }))
    await scene.kube.apply(issuer({ name: 'mesh', spec }))
  })
  after(() => scene.stop())

  const asks = async ({
    name,
    issuer,
    usages = ['digital signature'],
    annotations = {},
    ...rest
  }: Asked): Promise<void> => {
    const request = Buffer.from(csrFor(name)).toString('base64')
    const signerName = `meshcaclusterissuers.meshca.dev/${issuer}`
    const spec = { request, signerName, usages, ...rest }
    await scene.kube.create<SigningRequest>({ ...KIND, metadata: { name, annotations }, spec })
  }
  const approved = async (asked: Asked): Promise<void> => {
    await asks(asked)
    await approveSigningRequest(scene.kube, asked.name)
  }
  const issued = async (asked: Asked): Promise<X509Certificate> => {
    await approved(asked)
    const object = await scene.kube.waitFor<SigningRequest>(referenceOf(asked.name), hasCertificate)
    const certificate = new X509Certificate(pemOf(object))
    assert.ok(certificate.verify(new X509Certificate(root.certificatePem).publicKey))
    assert.equal(certificate.subject, `O=mesh\nCN=${asked.name}`)
    return certificate
  }
  const failed = async (asked: Asked): Promise<string | undefined> => {
    await approved(asked)
    const object = await scene.kube.waitFor<SigningRequest>(
      referenceOf(asked.name),
      (one) => failedIn(one) !== undefined,
    )
    assert.equal(object.status?.certificate, undefined)
    assert.equal(failedIn(object)?.reason, 'Failed')
    return failedIn(object)?.message
  }

  test('one for a cluster issuer of ours is signed, for as long as its expiration says', async () => {
    const plain = await issued({ name: 'plain', issuer: 'any', usages: ['digital signature', 'server auth'] })
    assert.deepEqual([plain.ca, lifeOf(plain)], [false, 2160 * HOUR_MS])
    assert.deepEqual(plain.keyUsage, ['1.3.6.1.5.5.7.3.1'])
    assert.equal(lifeOf(await issued({ name: 'brief', issuer: 'any', expirationSeconds: 7200 })), 2 * HOUR_MS)
    const subject = { kind: 'CertificateSigningRequest', namespace: 'default', name: 'plain' }
    const note = 'the certificate is signed and proved'
    assert.deepEqual(await tells(scene.kube, subject, 'Issued'), { type: 'Normal', reason: 'Issued', note })
  })

  test('the annotation for the duration counts before the expiration, within the maximum', async () => {
    const annotated = { issuer: 'any', expirationSeconds: 7200 }
    const certificate = await issued({ ...annotated, name: 'annotated', annotations: { [DURATION]: '48h' } })
    assert.equal(lifeOf(certificate), 48 * HOUR_MS)
    assert.equal(
      await failed({ ...annotated, name: 'endless', annotations: { [DURATION]: '87600h' } }),
      "the duration 87600h is above the issuer's maximum of 2160h",
    )
  })

  test('the annotation for a CA counts only where the usages, which cannot be edited, say cert sign', async () => {
    const annotations = { [IS_CA]: 'true' }
    assert.equal((await issued({ name: 'ca', issuer: 'any', usages: ['cert sign'], annotations })).ca, true)
    assert.equal(
      await failed({ name: 'sly', issuer: 'any', annotations }),
      'a CertificateSigningRequest for a CA must name "cert sign" in spec.usages',
    )
  })

  test('a mesh CA issuer signs none, since there is no place for ca.crt', async () => {
    const words =
      'a CertificateSigningRequest has no place for ca.crt, which istiod needs: use a cert-manager Certificate with this issuer'
    const asked = { name: 'mesh', issuer: 'mesh', usages: ['cert sign'], annotations: { [IS_CA]: 'true' } }
    assert.equal(await failed(asked), words)
    const subject = { kind: 'CertificateSigningRequest', namespace: 'default', name: 'mesh' }
    const note = { type: 'Warning', reason: 'ProfileMismatch', note: words }
    assert.deepEqual(await tells(scene.kube, subject, 'ProfileMismatch'), note)
  })

  test('one that waits is told of by an event alone, and is signed once its issuer exists', async () => {
    const { kube } = scene
    await approved({ name: 'early', issuer: 'late' })
    const subject = { kind: 'CertificateSigningRequest', namespace: 'default', name: 'early' }
    const note = 'MeshCAClusterIssuer late does not exist; create it, or correct spec.signerName'
    assert.deepEqual(await tells(kube, subject, 'IssuerNotFound'), { type: 'Warning', reason: 'IssuerNotFound', note })
    const waiting = await kube.get<SigningRequest>(referenceOf('early'))
    assert.deepEqual(
      waiting.status?.conditions?.map(({ type }) => type),
      ['Approved'],
    )
    const spec = { ca: { secretRef: { name: 'ca' } }, allowedNamespaces: { selector: {} }, profile: 'EndEntity' }
    await kube.apply(issuer({ name: 'late', spec }))
    await kube.waitFor<SigningRequest>(referenceOf('early'), hasCertificate)
  })

  test('without approval nothing is written', async () => {
    const { kube } = scene
    await asks({ name: 'unapproved', issuer: 'any' })
    const asked = await kube.get(referenceOf('unapproved'))
    await issued({ name: 'another', issuer: 'any' })
    await tells(kube, { kind: 'CertificateSigningRequest', namespace: 'default', name: 'another' }, 'Issued')
    assert.deepEqual(await kube.get(referenceOf('unapproved')), asked)
    const subject = { kind: 'CertificateSigningRequest', namespace: 'default', name: 'unapproved' }
    assert.deepEqual(await told(kube, subject), [])
  })
})

function referenceOf(name: string): Reference {
  return { ...KIND, name }
}

function hasCertificate({ status }: SigningRequest): boolean {
  return status?.certificate !== undefined
}

function pemOf({ status }: SigningRequest): string {
  return Buffer.from(status?.certificate ?? '', 'base64').toString('utf8')
}

function failedIn({ status }: SigningRequest) {
  return status?.conditions?.find(({ type }) => type === 'Failed')
}

function lifeOf({ validFromDate, validToDate }: X509Certificate): number {
  return validToDate.getTime() - validFromDate.getTime()
}
