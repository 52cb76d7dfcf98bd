import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Controller, startController } from '../harness/controller.ts'
import { issuer } from '../harness/objects.ts'
import { handshake } from '../lab/handshake.ts'
import { type Certificate, conditionOf, isTrue } from '../lab/kube-objects.ts'
import { certificateReady, renew, requestReference, triggerRenewal } from '../lab/requests.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalRoots } from './mesh-certificates.ts'
import { CACERTS, CACERTS_CERTIFICATE, ISSUER, PLACE, readCacerts } from './mesh-cluster.ts'
import type { Mesh } from './mesh-istiod.ts'
import {
  checkedConditions,
  createRoots,
  declared,
  digestOf,
  edit,
  lastRequest,
  type Pair,
  SECRET_A,
  SECRET_B,
  startUnderA,
  words,
} from './mesh-rotation.ts'
import { tells } from './support-events.ts'

const DWELL_MS = 25 * 3_600_000
const CERTIFICATE = { namespace: PLACE, name: CACERTS }

describe('an unsafe change of roots is held back', { timeout: 240_000 }, () => {
  let workspace: Workspace
  let mesh: Mesh
  let controller: Controller
  let underA: Pair
  let underB: Pair
  let both: Pair
  let sequence: string
  before(async () => {
    workspace = await openWorkspace('root-replacement-held')
    const { a, b } = await createRoots()
    underA = { signer: a, roots: [a] }
    underB = { signer: b, roots: [b] }
    both = { signer: b, roots: [a, b] }
    sequence =
      `going from ${words(underA)} to ${words(underB)} in one step would break handshakes; ` +
      `go 1. ${words({ ...both, signer: a })}, 2. ${words(both)}, 3. ${words(underB)}, renewing every Certificate after each`
    mesh = await startUnderA(workspace, 'cluster', { a, b })
    controller = mesh.cluster.controller
  })
  after(() => workspace?.stop())

  const accept = (from: Pair, to: Pair): string =>
    `to let this one change through all the same, set trust.acceptUnsafeChange to ${digestOf(from, to)}`

  const spec = ({ signer, roots }: Pair): Readonly<Record<string, unknown>> => ({
    ca: { secretRef: signer === underA.signer ? SECRET_A : SECRET_B },
    trust: { additionalRoots: declared(...roots) },
  })

  /** Begins a renewal and gives the reference to its request. */
  async function begin(): Promise<ReturnType<typeof requestReference>> {
    const revision = await triggerRenewal(mesh.cluster.kube, CACERTS_CERTIFICATE)
    return requestReference(PLACE, `${CACERTS}-${revision + 1}`)
  }

  /** The renewal under way waits with this message, everybody is told, and nothing that istiod reads has changed. */
  async function isHeld(request: ReturnType<typeof requestReference>, code: string, message: string): Promise<void> {
    const { kube } = mesh.cluster
    const answered = await kube.waitFor(request, (object) => conditionOf(object, 'Ready') !== undefined)
    const { reason, message: said } = conditionOf(answered, 'Ready') ?? {}
    assert.deepEqual([reason, said], ['Pending', message])
    const subject = { kind: 'CertificateRequest', ...CERTIFICATE, name: request.name }
    assert.deepEqual(await tells(kube, subject, code), { type: 'Warning', reason: code, note: message })
    const { Ready, TrustReady } = await checkedConditions(mesh)
    assert.deepEqual(
      [TrustReady?.status, TrustReady?.reason, TrustReady?.message],
      ['False', code, `${PLACE}/${CACERTS}: ${message}`],
    )
    assert.deepEqual(
      [Ready?.status, Ready?.message],
      ['True', 'the issuer can sign; a change of trust is held back (see TrustReady)'],
    )
    assert.ok(isTrue(await kube.get<Certificate>(CACERTS_CERTIFICATE), 'Ready'))
  }

  /** The renewal under way is done: the Certificate has that revision. */
  async function issued(revision: number): Promise<void> {
    const { kube } = mesh.cluster
    await kube.waitFor<Certificate>(CACERTS_CERTIFICATE, ({ status }) => (status?.revision ?? 0) >= revision)
    await certificateReady(kube, CACERTS_CERTIFICATE)
  }

  /** Takes the edit back, upon which the request that waited goes on at once. */
  async function takeBack(revision: number): Promise<void> {
    await edit(mesh, spec(underA))
    await issued(revision)
    assert.equal((await checkedConditions(mesh)).TrustReady?.status, 'True')
  }

  test('three quick edits without renewals in between', async () => {
    const { kube } = mesh.cluster
    const [carried, old] = [await readCacerts(kube), await mesh.workload('old')]
    await edit(mesh, { trust: { additionalRoots: declared(underA.signer, underB.signer) } })
    await edit(mesh, { ca: { secretRef: SECRET_B } })
    await edit(mesh, { trust: { additionalRoots: declared(underB.signer) } })
    await isHeld(await begin(), 'TrustChangeUnsafe', `${sequence}; ${accept(underA, underB)}`)
    assert.deepEqual(await readCacerts(kube), carried)
    assert.deepEqual(await handshake(old, await mesh.workload('new')), { ok: true })
    await takeBack(2)
    const renewed = await readCacerts(kube)
    assert.notEqual(renewed.certificate, carried.certificate)
    assert.equal(renewed.roots, carried.roots)
  })

  test('the same as one edit', async () => {
    const carried = await readCacerts(mesh.cluster.kube)
    await edit(mesh, spec(underB))
    await isHeld(await begin(), 'TrustChangeUnsafe', `${sequence}; ${accept(underA, underB)}`)
    assert.deepEqual(await readCacerts(mesh.cluster.kube), carried)
    await takeBack(3)
  })

  test('the same by the name of another issuer', async () => {
    const { kube } = mesh.cluster
    const [carried, other] = [await readCacerts(kube), { ...spec(underB), trust: { minimumDwell: '0s' } }]
    await kube.apply(issuer({ namespace: PLACE, name: 'other', spec: other }))
    await kube.patch(CACERTS_CERTIFICATE, { spec: { issuerRef: { name: 'other' } } })
    const request = requestReference(PLACE, `${CACERTS}-4`)
    const answered = await kube.waitFor(request, (object) => conditionOf(object, 'Ready') !== undefined)
    assert.equal(conditionOf(answered, 'Ready')?.message, `${sequence}; ${accept(underA, underB)}`)
    assert.deepEqual(await readCacerts(kube), carried)
    await kube.patch(CACERTS_CERTIFICATE, { spec: { issuerRef: { name: ISSUER } } })
    await issued(4)
    assert.equal((await readCacerts(kube)).roots, carried.roots)
  })

  test('also when the controller was down while cert-manager dropped the request before', async () => {
    const { kube, controlPlane } = mesh.cluster
    const carried = await readCacerts(kube)
    const { metadata } = await lastRequest(mesh)
    await controller.stop()
    await edit(mesh, spec(underB))
    const request = await begin()
    await kube.waitUntilGone(requestReference(PLACE, metadata.name))
    await kube.waitFor(request, (object) => isTrue(object, 'Approved'))
    controller = await startController(controlPlane, { name: 'mesh-ca-again' })
    await isHeld(request, 'TrustChangeUnsafe', `${sequence}; ${accept(underA, underB)}`)
    assert.deepEqual(await readCacerts(kube), carried)
  })

  test('until its digest is accepted; then it goes on, with a warning, and istiod refuses it', async () => {
    const { kube } = mesh.cluster
    const refused = mesh.istiod.program.log.waitFor(/Updating new ROOT-CA not supported/, {
      from: mesh.istiod.program.log.position(),
    })
    await edit(mesh, { trust: { acceptUnsafeChange: digestOf(underA, underB) } })
    await issued(5)
    assert.equal((await readCacerts(kube)).roots, canonicalRoots(underB.signer.rootPem))
    const pair = conditionOf(await lastRequest(mesh), 'meshca.dev/TrustPair')
    assert.deepEqual([pair?.message, pair?.reason], [words(underB), 'UnsafeChangeAccepted'])
    const told = await tells(
      kube,
      { kind: 'CertificateRequest', ...CERTIFICATE, name: `${CACERTS}-5` },
      'TrustSetChanged',
    )
    assert.equal(told.type, 'Warning')
    await refused
  })

  test('with the default dwell a second step waits until the first has stood for 25 hours', async () => {
    const { kube } = mesh.cluster
    await edit(mesh, spec(both))
    await renew(kube, CACERTS_CERTIFICATE)
    const carried = await readCacerts(kube)
    assert.equal(carried.roots, canonicalRoots(...both.roots.map(({ rootPem }) => rootPem)))
    const since = conditionOf(await lastRequest(mesh), 'meshca.dev/TrustPair')?.lastTransitionTime ?? ''
    const until = new Date(Date.parse(since) + DWELL_MS).toISOString()
    const next = { signer: underA.signer, roots: both.roots }
    await edit(mesh, { ca: { secretRef: SECRET_A }, trust: { minimumDwell: null } })
    const stands = `${words(both)} must stand until ${until} (trust.minimumDwell), so that every workload has picked it up`
    await isHeld(await begin(), 'TrustChangeTooSoon', `${stands}; ${accept(both, next)}`)
    assert.deepEqual(await readCacerts(kube), carried)
  })
})
