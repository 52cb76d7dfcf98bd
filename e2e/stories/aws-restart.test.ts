import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bundle } from '../../config/bundle/bundle.ts'
import { type Controller, startController } from '../harness/controller.ts'
import { AWS_USER, caArn, installed } from '../lab/acm-pca.ts'
import { type Conditioned, conditionOf } from '../lab/kube-objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { approve, approveSigningRequest } from '../lab/requests.ts'
import { AWS_ARGS, type AwsStage, awsIssuer, keysSecret, openAwsStage } from './support-aws.ts'
import { issuerWrites, recordRequests, type States, settledIn, settledOnce } from './support-history.ts'
import { answerOf, ask, csrFor, ISSUED, meshIssuer, outcomeOf } from './support-requests.ts'

const CA = caArn(1)
const REQUESTS = 240
const KILLS = 50
/** A life ends with one of its first calls. */
const MOST_CALLS = 16
const SLOW = 10
const SIGNING = 'meshca.dev/Signing'
const OURS = 'mesh-ca-issuer'

describe('restarts in the middle of issuing', { timeout: 240_000 }, () => {
  let stage: AwsStage
  let program: string
  before(async () => {
    const authorities = [installed(CA, await createAuthority({ commonName: 'Root' }))]
    stage = await openAwsStage({ name: 'aws-restart', namespaces: ['killed', 'slow'], aws: { authorities } })
    await stage.lab.certManager?.stopController()
    // What is shipped starts in a third of the time that its sources need.
    program = join(stage.lab.workspace.folder, 'mesh-ca.cjs')
    await bundle({ entry: join(import.meta.dirname, '..', '..', 'src', 'main.ts'), outfile: program })
    for (const namespace of ['killed', 'slow']) {
      await stage.kube.apply(awsIssuer(stage.aws, { namespace, name: 'mesh', arn: CA }))
    }
  })
  after(() => stage?.stop())

  /** No election, so that nobody waits for a dead leader. */
  const start = (name: string): Promise<Controller> =>
    startController(stage.lab.controlPlane, { name, bundle: program, args: [...AWS_ARGS, '--leader-elect=false'] })
  const work = (): number => stage.aws.calls('IssueCertificate').length + stage.aws.calls('GetCertificate').length
  const allIssued = (states: States): void => {
    for (const [name, all] of states) {
      const last = all.at(-1)
      assert.deepEqual(last && outcomeOf(last), ISSUED, name)
      assert.ok(settledOnce(all), name)
    }
  }

  async function approved(namespace: string, name: string): Promise<void> {
    const fixture = { namespace, name, csr: csrFor(name), issuerRef: meshIssuer('mesh') }
    await approve(stage.kube, await ask(stage.kube, fixture))
  }

  test('killed 50 times at any call, it loses nothing, and has nothing made twice', async (t) => {
    const { kube, aws } = stage
    const history = await recordRequests(kube, 'killed')
    t.after(history.stop)
    await Promise.all(Array.from({ length: REQUESTS }, (_, turn) => approved('killed', `request-${turn}`)))
    aws.faults.latency(5)
    for (let kill = 0; kill < KILLS; kill += 1) {
      const wanted = work() + 1 + (drawn(kill) % MOST_CALLS)
      const controller = await start(`killed-${kill}`)
      await aws.until(`call ${wanted}`, () => work() >= wanted)
      await controller.kill()
      assert.ok(settledIn(history.states) < REQUESTS, 'it was killed before it had finished')
    }
    const last = await start('last')
    await history.until('the end', (states) => settledIn(states) === REQUESTS)
    await last.stop()
    aws.faults.latency(0)
    allIssued(history.states)
    const { minted, tokenCollisions, tokenRepeats } = aws.journal
    assert.deepEqual([minted.length, tokenCollisions], [REQUESTS, 0])
    assert.equal(new Set(minted.map(({ publicKey }) => publicKey)).size, REQUESTS)
    const made = new Set(minted.map(({ certificatePem }) => certificatePem))
    for (const all of history.states.values()) {
      assert.ok(made.delete(answerOf(all.at(-1) ?? assert.fail()).certificate), 'each certificate is somebody’s')
    }
    t.diagnostic(`${tokenRepeats} orders were repeated, ${(work() / REQUESTS).toFixed(2)} calls for a certificate`)
  })

  test('where signing takes its time, the next process asks for the very certificate that was ordered', async (t) => {
    const { kube, aws } = stage
    aws.control({ clearJournal: true, issueDelayMs: 3_600_000 })
    const history = await recordRequests(kube, 'slow')
    t.after(history.stop)
    const first = await start('first')
    await Promise.all(Array.from({ length: SLOW }, (_, turn) => approved('slow', `slow-${turn}`)))
    const tickets = (states: States): readonly string[] =>
      [...states.values()].flatMap((all) => conditionOf(all.at(-1), SIGNING)?.message ?? [])
    await history.until('tickets', (states) => tickets(states).length === SLOW)
    await first.kill()
    const ordered = aws.journal.minted.map(({ certificateArn }) => certificateArn)
    assert.deepEqual([...tickets(history.states)].sort(), ordered.toSorted())

    const before = aws.calls().length
    const second = await start('second')
    const since = () => aws.calls().slice(before)
    const asked = () => new Set(since().flatMap(({ certificateArn }) => certificateArn ?? []))
    await aws.until('each certificate again', () => asked().size === SLOW)
    aws.control({ issueDelayMs: 0 })
    await history.until('the end', (states) => settledIn(states) === SLOW)
    await second.stop()
    assert.deepEqual([...asked()].sort(), ordered.toSorted())
    assert.equal(since().filter(({ operation }) => operation === 'IssueCertificate').length, 0)
    assert.equal(aws.calls('IssueCertificate').length, SLOW)
    allIssued(history.states)
    for (const [name, all] of history.states) {
      assert.equal(issuerWrites(all), 2, name)
      assert.equal(conditionOf(all.at(-1), SIGNING), undefined, name)
    }
  })

  test("so it does for Kubernetes' own signing requests", async () => {
    const { kube, aws } = stage
    await kube.apply(keysSecret(OURS, AWS_USER))
    const spec = { profile: 'EndEntity', allowedNamespaces: { selector: {} } }
    await kube.apply(awsIssuer(aws, { name: 'nodes', arn: CA, spec }))
    aws.control({ clearJournal: true, issueDelayMs: 3_600_000 })
    const first = await start('csr-first')
    const csr = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name: 'node-1' }
    const request = Buffer.from(csrFor(csr.name)).toString('base64')
    const signerName = 'meshcaclusterissuers.meshca.dev/nodes'
    const asked = { request, signerName, usages: ['digital signature', 'client auth'] }
    const { name, ...kind } = csr
    await kube.create<SigningRequest>({ ...kind, metadata: { name }, spec: asked })
    await approveSigningRequest(kube, name)
    const taken = await kube.waitFor<SigningRequest>(csr, (one) => conditionOf(one, SIGNING) !== undefined)
    await first.kill()
    const [ordered] = aws.journal.minted
    assert.equal(conditionOf(taken, SIGNING)?.message, ordered?.certificateArn)

    const polls = aws.calls('GetCertificate').length
    const second = await start('csr-second')
    await aws.until('the certificate is asked for again', () => aws.calls('GetCertificate').length > polls)
    aws.control({ issueDelayMs: 0 })
    const issued = await kube.waitFor<SigningRequest>(csr, (one) => one.status?.certificate !== undefined)
    await second.stop()
    assert.equal(aws.calls('IssueCertificate').length, 1)
    assert.ok(decoded(issued.status?.certificate).startsWith(ordered?.certificatePem.trim() ?? assert.fail()))
    assert.equal(conditionOf(issued, SIGNING)?.status, 'False')
  })
})

interface SigningRequest extends Conditioned {
  readonly spec: object
  readonly status?: Conditioned['status'] & { readonly certificate?: string }
}

function decoded(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString()
}

/** A number for each turn, the same in every run. */
function drawn(turn: number): number {
  return createHash('sha256').update(`kill ${turn}`).digest().readUInt32BE()
}
