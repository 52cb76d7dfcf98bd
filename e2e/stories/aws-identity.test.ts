import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { meshCertificate } from '../harness/objects.ts'
import { type Aws, caArn, installed, startAws } from '../lab/acm-pca.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReady, requestReference } from '../lab/requests.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import {
  CACERTS,
  CACERTS_CERTIFICATE,
  type Cacerts,
  ISSUER,
  type MeshCluster,
  PLACE,
  readCacerts,
  reference,
} from './mesh-cluster.ts'
import { awsIssuer } from './support-aws.ts'
import { startAwsCluster } from './support-aws-cluster.ts'
import { issuerWrites, recordRequests, settledIn } from './support-history.ts'
import { issuerReference, issuerShows } from './support-issuers.ts'
import { statusApplies } from './support-metrics.ts'
import { answerOf, ask, csrFor, ISSUED, meshIssuer, outcomeOf, settled } from './support-requests.ts'

const CA = caArn(1)
const MANY = Array.from({ length: 20 }, (_, turn) => `many-${turn}`)

/** Where tokens collide the fake gives the first certificate, which is the worst that AWS could do. */
describe('each request of each cluster gets the certificate of its own key', { timeout: 180_000 }, () => {
  let workspace: Workspace
  let aws: Aws
  let east: MeshCluster
  let west: MeshCluster
  before(async () => {
    workspace = await openWorkspace('aws-identity')
    const authorities = [installed(CA, await createAuthority({ commonName: 'Root' }))]
    aws = await startAws(workspace, { authorities, tokenCollision: 'first' })
    ;[east, west] = await Promise.all([startAwsCluster(workspace, 'east'), startAwsCluster(workspace, 'west')])
    await both(async ({ kube }) => {
      await kube.apply(awsIssuer(aws, { namespace: PLACE, name: ISSUER, arn: CA }))
      await issuerShows(kube, issuerReference(PLACE, ISSUER), 'Ready', 'True')
    })
  })
  after(() => workspace?.stop())

  const both = <T>(act: (cluster: MeshCluster) => Promise<T>): Promise<[T, T]> => Promise.all([act(east), act(west)])
  const tokens = (): readonly (string | undefined)[] => aws.journal.minted.map(({ token }) => token)
  const ordersAndPolls = (): number => aws.calls('IssueCertificate').length + aws.calls('GetCertificate').length
  const raw = (cluster: MeshCluster, name: string, annotations = {}) =>
    ask(cluster.kube, { namespace: PLACE, name, csr: csrFor('same'), issuerRef: meshIssuer(ISSUER), annotations })

  async function issue({ kube }: MeshCluster): Promise<Cacerts> {
    await kube.apply(meshCertificate({ namespace: PLACE, name: CACERTS, issuerName: ISSUER }))
    await certificateReady(kube, CACERTS_CERTIFICATE)
    return readCacerts(kube)
  }

  test('equal manifests in two clusters at one moment', async () => {
    const [inEast, inWest] = await both(issue)
    for (const { certificate, key } of [inEast, inWest]) {
      assert.ok(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
      assert.equal(aws.journal.mintedFor({ publicKey: createPublicKey(key) }).length, 1)
    }
    assert.equal(inEast.roots, inWest.roots)
    assert.equal(new Set(tokens()).size, 2)
    assert.equal(aws.journal.tokenCollisions, 0)
  })

  test('equal CSRs, too, are two certificates', async () => {
    const [inEast, inWest] = await both(async (cluster) => {
      const request = await raw(cluster, 'equal')
      return answerOf(await settled(cluster.kube, request)).certificate
    })
    const serials = [inEast, inWest].map((pem) => new X509Certificate(pem).serialNumber)
    assert.equal(new Set(serials).size, 2)
    assert.equal(new Set(tokens()).size, 4)
  })

  test('a Certificate that is made anew within five minutes, with another key', async () => {
    const { kube } = east
    const before = await readCacerts(kube)
    const request = requestReference(PLACE, 'cacerts-1')
    for (const object of [CACERTS_CERTIFICATE, request, reference('v1', 'Secret', CACERTS)]) await kube.delete(object)
    const { certificate, key } = await issue(east)
    assert.notEqual(key, before.key)
    assert.ok(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
    assert.deepEqual([new Set(tokens()).size, aws.journal.tokenRepeats], [5, 0])
  })

  test('whatever annotations say of certificates that exist already', async () => {
    const { kube } = west
    const [other] = aws.journal.minted
    const forged = other?.certificateArn ?? ''
    const annotations = { 'aws-privateca-issuer/certificate-arn': forged, 'meshca.dev/Signing': forged }
    const before = aws.journal.minted.length
    const request = await raw(west, 'forged', annotations)
    const { certificate } = answerOf(await settled(kube, request))
    const [minted] = aws.journal.minted.slice(before)
    assert.equal(certificate, minted?.certificatePem)
    const got = aws.calls('GetCertificate').filter(({ certificateArn }) => certificateArn === forged)
    assert.equal(got.length, 1, 'it was asked for once, for the request that it was made for')
  })

  test('when the answer is lost, by a repeat with the same token', async () => {
    const { kube } = west
    const [minted, asked] = [aws.journal.minted.length, aws.calls('IssueCertificate').length]
    aws.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate' })
    assert.deepEqual(outcomeOf(await settled(kube, await raw(west, 'lost'))), ISSUED)
    const orders = aws.calls('IssueCertificate').slice(asked)
    assert.deepEqual(
      orders.map(({ outcome, repeat }) => ({ outcome, repeat })),
      [
        { outcome: 'fault: lost-answer', repeat: undefined },
        { outcome: 'ok', repeat: true },
      ],
    )
    assert.equal(new Set(orders.map(({ token }) => token)).size, 1)
    assert.equal(aws.journal.minted.length - minted, 1)
  })

  test('with two calls and one write where nothing goes wrong', async (t) => {
    const { kube } = east
    const history = await recordRequests(kube, PLACE)
    t.after(history.stop)
    const before = await statusApplies(kube)
    const asked = ordersAndPolls()
    await Promise.all(
      MANY.map((name) => ask(kube, { namespace: PLACE, name, csr: csrFor(name), issuerRef: meshIssuer(ISSUER) })),
    )
    await history.until('all settled', (states) => settledIn(states) === MANY.length)
    const after = await statusApplies(kube)
    const writes = { applied: after.applied - before.applied, refused: after.refused - before.refused }
    assert.deepEqual(writes, { applied: MANY.length, refused: 0 })
    for (const [name, states] of history.states) assert.equal(issuerWrites(states), 1, name)
    assert.equal(ordersAndPolls() - asked, 2 * MANY.length)
  })
})
