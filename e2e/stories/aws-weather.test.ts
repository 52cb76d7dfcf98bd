import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Controller, startController } from '../harness/controller.ts'
import { meshCertificate } from '../harness/objects.ts'
import { caArn, installed } from '../lab/acm-pca.ts'
import { createAuthority } from '../lab/pki.ts'
import { approve, certificateReady, certificateReference, requestReference, triggerRenewal } from '../lab/requests.ts'
import { AWS_ARGS, type AwsStage, awsIssuer, openAwsStage } from './support-aws.ts'
import { FastClock } from './support-aws-fast-clock.ts'
import { type History, recordRequests, settledIn, settledOnce } from './support-history.ts'
import { issuerReference, issuerShows } from './support-issuers.ts'
import { ask, csrFor, ISSUED, meshIssuer, outcomeOf, waiting } from './support-requests.ts'

const CA = caArn(1)
const TEAMS = ['one', 'two', 'three', 'four', 'five']
const OPEN = 30
const REQUESTS = 500
const MINUTE_MS = 60_000
/** So many wait, and the answer to this one of their orders is lost. */
const [LINE, LOST] = [200, 40]
const PROGRAM = join(import.meta.dirname, 'support-aws-fast-main.ts')

/**
 * The controller runs as released, but by a clock that is made to run faster, 60 times while nothing but waiting goes on: its
 * timers, its health checks and its gaps between attempts are those of the product. cert-manager and the API server keep the
 * machine's time.
 */
describe('AWS in bad weather', { timeout: 480_000 }, () => {
  const clock = new FastClock()
  /** Goes with the controller's until the second story, whose length the tokens that AWS remembers must not depend on. */
  const awsClock = new FastClock()
  let stage: AwsStage
  let controller: Controller
  before(async () => {
    const authorities = [installed(CA, await createAuthority({ commonName: 'Root' }))]
    stage = await openAwsStage({ name: 'aws-weather', namespaces: TEAMS, aws: { authorities, now: awsClock.now } })
    const args = [...AWS_ARGS, '--leader-elect=false', '--recheck-interval=30s']
    controller = await startController(stage.lab.controlPlane, { args, bundle: PROGRAM })
    await controller.ready()
    for (const namespace of TEAMS) {
      await stage.kube.apply(awsIssuer(stage.aws, { namespace, name: 'mesh', arn: CA }))
    }
  })
  after(() => stage?.stop())

  /** To the rate to wait with, then to those to work with. */
  const turnClock = (): void => {
    clock.turn()
    awsClock.turn()
    process.kill(controller.program.pid, 'SIGUSR2')
  }
  const asks = (namespace: string, name: string) =>
    ask(stage.kube, { namespace, name, csr: csrFor(name), issuerRef: meshIssuer('mesh') })
  const noneFailed = ({ states }: History): void => {
    for (const [name, all] of states) {
      for (const state of all) assert.notEqual(outcomeOf(state).ready, 'False/Failed', name)
    }
  }

  test('ten minutes without AWS: all wait in words, and all are Ready within a minute of its end', async (t) => {
    const { kube, aws } = stage
    const team = 'one'
    const certificate = meshCertificate({
      namespace: team,
      name: 'keeps-its-key',
      issuerName: 'mesh',
      spec: { privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Never' } },
    })
    await kube.apply(certificate)
    await certificateReady(kube, certificateReference(team, 'keeps-its-key'))
    const history = await recordRequests(kube, team)
    t.after(history.stop)
    // cert-manager deletes the first one as soon as there is a second, and the watch shows that too.
    const settled = (): number => settledIn(new Map([...history.states].filter(([name]) => name !== 'keeps-its-key-1')))

    aws.faults.outage(true)
    const [begin, calls] = [clock.elapsed(), aws.calls().length]
    await triggerRenewal(kube, certificateReference(team, 'keeps-its-key'))
    const names = Array.from({ length: OPEN }, (_, turn) => `open-${turn}`)
    await Promise.all(names.map((name) => asks(team, name)))
    turnClock()
    await issuerShows(kube, issuerReference(team, 'mesh'), 'Ready', 'False')
    for (const name of [...names, 'keeps-its-key-2']) await waiting(kube, requestReference(team, name), /not ready/)
    await aws.until('a check after ten minutes', () => clock.elapsed() - begin >= 10 * MINUTE_MS)
    noneFailed(history)
    assert.equal(settled(), 0)
    turnClock()
    const asked = aws.calls().length - calls

    aws.faults.outage(false)
    const end = clock.elapsed()
    await history.until('the end', () => settled() === OPEN + 1, 90_000)
    const tookMs = clock.elapsed() - end
    t.diagnostic(`${asked} calls in the outage, all Ready ${Math.round(tookMs)} ms after it`)
    assert.ok(tookMs <= MINUTE_MS, `it took ${tookMs} ms`)
    assert.ok(asked <= (10 * MINUTE_MS) / 1000, `${asked} calls in ten minutes`)
    noneFailed(history)
    for (const [name, all] of history.states) assert.ok(settledOnce(all), name)
    await certificateReady(kube, certificateReference(team, 'keeps-its-key'))
    assert.equal(aws.journal.minted.length, OPEN + 2)
  })

  test('500 requests with half of all calls throttled and one answer in twenty lost: 500 certificates', async (t) => {
    const { kube, aws, lab } = stage
    await lab.certManager?.stopController()
    aws.control({ clearJournal: true })
    turnClock()
    while (awsClock.rate !== 1) awsClock.turn()
    const histories = await Promise.all(TEAMS.map((team) => recordRequests(kube, team)))
    t.after(() => {
      for (const history of histories) history.stop()
    })
    aws.faults.plan(
      { fault: { kind: 'throttle' }, probability: 0.5, seed: 7 },
      { fault: { kind: 'lost-answer' }, probability: 0.05, seed: 11 },
    )
    const begin = clock.elapsed()
    const turns = Array.from({ length: REQUESTS }, (_, turn) => turn)
    await Promise.all(
      turns.map(async (turn) => approve(kube, await asks(TEAMS[turn % TEAMS.length] ?? '', `request-${turn}`))),
    )
    const each = REQUESTS / TEAMS.length
    await Promise.all(
      histories.map((history) => history.until('the end', (states) => settledIn(states) === each, 240_000)),
    )
    const tookMs = clock.elapsed() - begin
    for (const history of histories) {
      noneFailed(history)
      for (const [name, all] of history.states) {
        const last = all.at(-1)
        assert.deepEqual(last && outcomeOf(last), ISSUED, name)
        assert.ok(settledOnce(all), name)
      }
    }
    const { minted, tokenCollisions, callsPerCertificate } = aws.journal
    assert.equal(minted.length, REQUESTS)
    assert.equal(new Set(minted.map(({ publicKey }) => publicKey)).size, REQUESTS)
    assert.equal(tokenCollisions, 0)
    t.diagnostic(`${callsPerCertificate.toFixed(2)} calls for a certificate, all Ready within ${Math.round(tookMs)} ms`)
    assert.ok(callsPerCertificate <= 6, `${callsPerCertificate} calls for a certificate`)
  })

  test('an order whose answer was lost is repeated before those who have not had a turn', async (t) => {
    const { kube, aws, lab } = stage
    const [team = ''] = TEAMS
    await lab.certManager?.stopController()
    const history = await recordRequests(kube, team)
    t.after(history.stop)
    const from = aws.calls('IssueCertificate').length
    aws.faults.plan({ fault: { kind: 'lost-answer' }, operation: 'IssueCertificate', nth: LOST })
    await Promise.all(
      Array.from({ length: LINE }, async (_, turn) => approve(kube, await asks(team, `in-line-${turn}`))),
    )
    await history.until('the end', (states) => settledIn(states) === LINE)
    const orders = aws.calls('IssueCertificate').slice(from)
    const tokens = orders.map(({ token }) => token)
    const lost = orders.findIndex(({ outcome }) => outcome !== 'ok')
    const repeat = tokens.indexOf(tokens[lost], lost + 1)
    t.diagnostic(`${repeat - lost - 1} orders of ${LINE} went before the repeat`)
    assert.ok(repeat > lost && repeat - lost < LINE / 4)
  })
})
