import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bundle } from '../../config/bundle/bundle.ts'
import { caArn, installed } from '../lab/acm-pca.ts'
import { createAuthority } from '../lab/pki.ts'
import { approve } from '../lab/requests.ts'
import { AWS_ARGS, type AwsStage, awsIssuer, openAwsStage } from './support-aws.ts'
import {
  acts,
  type Candidate,
  LEASE,
  type Lease,
  SHORT_ARGS,
  SHORT_MS,
  startCandidate,
  timesOf,
} from './support-elections.ts'
import { recordRequests, settledIn, settledOnce } from './support-history.ts'
import { answerOf, ask, csrFor, ISSUED, meshIssuer, outcomeOf } from './support-requests.ts'

const TEAM = 'team'
const CA = caArn(1)
const REQUESTS = 300
const KILLS = 20
/** A life ends with one of its first calls, or before any. */
const MOST_CALLS = 24

describe('leaders that are killed', { timeout: 240_000 }, () => {
  let stage: AwsStage
  let program: string
  before(async () => {
    const authorities = [installed(CA, await createAuthority({ commonName: 'Root' }))]
    stage = await openAwsStage({ name: 'elections-kills', namespaces: [TEAM], aws: { authorities } })
    await stage.lab.certManager?.stopController()
    // What is shipped starts in a third of the time that its sources need.
    program = join(stage.lab.workspace.folder, 'mesh-ca.cjs')
    await bundle({ entry: join(import.meta.dirname, '..', '..', 'src', 'main.ts'), outfile: program })
    await stage.kube.apply(awsIssuer(stage.aws, { namespace: TEAM, name: 'mesh', arn: CA }))
  })
  after(() => stage?.stop())

  const start = (turn: number): Promise<Candidate> =>
    startCandidate(stage.lab.controlPlane, {
      name: `candidate-${turn}`,
      bundle: program,
      args: [...AWS_ARGS, ...SHORT_ARGS],
    })
  const work = (): number => stage.aws.calls('IssueCertificate').length + stage.aws.calls('GetCertificate').length
  const lease = (): Promise<Lease> => stage.kube.get<Lease>(LEASE)

  test(`of two, the one that acts is killed ${KILLS} times: ${REQUESTS} requests are settled once, with one certificate each`, async (t) => {
    const { kube, aws } = stage
    const history = await recordRequests(kube, TEAM)
    t.after(history.stop)
    await Promise.all(
      Array.from({ length: REQUESTS }, async (_, turn) => {
        const name = `request-${turn}`
        const fixture = { namespace: TEAM, name, csr: csrFor(name), issuerRef: meshIssuer('mesh') }
        await approve(kube, await ask(kube, fixture))
      }),
    )
    aws.faults.latency(5)
    let leader = await start(0)
    await acts(kube, leader)
    let standby = await start(1)
    const took: number[] = []
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await standby.ready()
      const wanted = work() + (drawn(kill) % MOST_CALLS)
      await aws.until(`call ${wanted}`, () => work() >= wanted)
      const killedAt = Date.now()
      await leader.kill()
      assert.ok(settledIn(history.states) < REQUESTS, 'it was killed before everything was settled')
      const [left, next] = await Promise.all([lease(), start(kill + 1)])
      assert.equal(left.spec.holderIdentity, leader.identity)
      await acts(kube, standby)
      const { takenAt } = timesOf(await lease())
      assert.ok(takenAt - timesOf(left).renewedAt >= SHORT_MS, 'the Lease was taken while it could still be held')
      took.push(takenAt - killedAt)
      ;[leader, standby] = [standby, next]
    }
    await history.until('the end', (states) => settledIn(states) === REQUESTS)
    t.diagnostic(`another took over after ${Math.min(...took)} to ${Math.max(...took)} ms`)
    assert.ok(Math.max(...took) <= 1.2 * SHORT_MS, `it took ${took}`)
    assert.equal((await lease()).spec.leaseTransitions, KILLS)
    await Promise.all([leader.stop(), standby.stop()])

    for (const [name, states] of history.states) {
      const last = states.at(-1)
      assert.deepEqual(last && outcomeOf(last), ISSUED, name)
      assert.ok(settledOnce(states), name)
    }
    const { minted, tokenCollisions, tokenRepeats } = aws.journal
    assert.deepEqual([history.states.size, minted.length, tokenCollisions], [REQUESTS, REQUESTS, 0])
    const made = new Set(minted.map(({ certificatePem }) => certificatePem))
    for (const states of history.states.values())
      assert.ok(made.delete(answerOf(states.at(-1) ?? assert.fail()).certificate), 'each certificate is somebody’s')
    t.diagnostic(`${tokenRepeats} orders were repeated, ${(work() / REQUESTS).toFixed(2)} calls for a certificate`)
  })
})

/** A number for each turn, the same in every run. */
function drawn(turn: number): number {
  return createHash('sha256').update(`kill ${turn}`).digest().readUInt32BE()
}
