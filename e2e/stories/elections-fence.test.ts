import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bundle } from '../../config/bundle/bundle.ts'
import { startControllerAs } from '../harness/controller.ts'
import { AWS_ACCOUNT, caArn, installed } from '../lab/acm-pca.ts'
import { kubeconfig } from '../lab/kubeconfig.ts'
import { createAuthority } from '../lab/pki.ts'
import { approve } from '../lab/requests.ts'
import { AWS_ARGS, type AwsStage, awsIssuer, openAwsStage } from './support-aws.ts'
import { type Audited, acts, asCandidate, audited, type Candidate, SHORT_ARGS } from './support-elections.ts'
import { recordRequests, settledIn, settledOnce } from './support-history.ts'
import { ask, csrFor, ISSUED, meshClusterIssuer, outcomeOf } from './support-requests.ts'

const TEAM = 'team'
const CA = caArn(1)
const ROUNDS = 6
/** Of one round: more than are signed while the leader runs. */
const REQUESTS = 60
/** A leader is stopped at one of its first calls. */
const MOST_CALLS = 40
const READS = ['get', 'list', 'watch']

/** A candidate whose calls can be told from those of the other. */
interface Known extends Candidate {
  /** What AWS and the audit log of the API server call it. */
  readonly principal: string
  readonly credential: string
}

describe('leaders that stand still', { timeout: 240_000 }, () => {
  let stage: AwsStage
  let program: string
  const users = ['one', 'other'].map((name, turn) => ({
    accessKeyId: `AKIALABCANDIDATE000${turn}`,
    secretAccessKey: `secret-access-key-of-${name}`,
    arn: `arn:aws:iam::${AWS_ACCOUNT}:user/${name}`,
  }))
  before(async () => {
    const authorities = [installed(CA, await createAuthority({ commonName: 'Root' }))]
    const options = { name: 'elections-fence', namespaces: [TEAM], lab: { audit: true } }
    stage = await openAwsStage({ ...options, aws: { authorities, credentials: users } })
    await stage.lab.certManager?.stopController()
    program = join(stage.lab.workspace.folder, 'mesh-ca.cjs')
    await bundle({ entry: join(import.meta.dirname, '..', '..', 'src', 'main.ts'), outfile: program })
    const ambient = { pca: { credentials: undefined }, spec: { allowedNamespaces: { names: [TEAM] } } }
    await stage.kube.apply(awsIssuer(stage.aws, { name: 'mesh', arn: CA, ...ambient }))
  })
  after(() => stage?.stop())

  /** With AWS keys of its own in its environment, and a token of its own. */
  async function start({ accessKeyId, secretAccessKey, arn }: (typeof users)[number]): Promise<Known> {
    const { controlPlane, workspace } = stage.lab
    const account = { namespace: 'mesh-ca-issuer', name: 'mesh-ca-issuer' }
    const token = await stage.kube.serviceAccountToken({ ...account, audiences: [`${controlPlane.server}/`] })
    const file = join(workspace.folder, `${accessKeyId}.kubeconfig`)
    await writeFile(file, kubeconfig({ ...controlPlane.clusterOf('mesh-ca-issuer'), token }, accessKeyId))
    const candidate = await asCandidate(
      startControllerAs(
        { workspace, name: accessKeyId, kubeconfig: file },
        {
          bundle: program,
          args: [...AWS_ARGS, ...SHORT_ARGS],
          environment: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
        },
      ),
    )
    return { ...candidate, principal: arn, credential: `JTI=${identifierOf(token)}` }
  }

  const callsOf = ({ principal }: Known): number =>
    stage.aws.journal.entries.filter((entry) => entry.principal === principal).length
  /** A renewal that was on its way as the process stood still is refused for its old version. */
  const isRefusedRenewal = ({ requestURI, responseStatus }: Audited): boolean =>
    requestURI.includes('/leases/') && responseStatus?.code === 409
  const writesOf = ({ credential }: Known, since: number): readonly string[] =>
    audited(stage.lab.controlPlane, since)
      .filter(({ user }) => user.extra?.['authentication.kubernetes.io/credential-id']?.includes(credential))
      // Events tell of what it did before.
      .filter(({ verb, requestURI }) => !READS.includes(verb) && !requestURI.endsWith('/events'))
      .filter((call) => !isRefusedRenewal(call))
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`)
  const approved = async (name: string): Promise<void> => {
    const fixture = { namespace: TEAM, name, csr: csrFor(name), issuerRef: meshClusterIssuer('mesh') }
    await approve(stage.kube, await ask(stage.kube, fixture))
  }

  test('one that goes on after another has taken over asks no PKI and writes nothing', async (t) => {
    const { kube, aws } = stage
    const history = await recordRequests(kube, TEAM)
    t.after(history.stop)
    aws.faults.latency(20)
    const [one, other] = users
    assert.ok(one !== undefined && other !== undefined)
    let leader = await start(one)
    await acts(kube, leader)
    let standby = await start(other)
    for (let round = 1; round <= ROUNDS; round += 1) {
      await standby.ready()
      const names = Array.from({ length: REQUESTS }, (_, turn) => `request-${round}-${turn}`)
      await Promise.all(names.map(approved))
      const wanted = callsOf(leader) + 1 + (drawn(round) % MOST_CALLS)
      await aws.until(`call ${wanted}`, () => callsOf(leader) >= wanted)
      const from = leader.program.log.position()
      process.kill(leader.program.pid, 'SIGSTOP')
      await acts(kube, standby)
      await history.until(`the end of round ${round}`, (states) => settledIn(states) === round * REQUESTS)

      const [calls, resumedAt] = [callsOf(leader), Date.now()]
      process.kill(leader.program.pid, 'SIGCONT')
      await leader.program.log.waitFor(/not acting any more, since the Lease was lost/, { from })
      await leader.ready()
      assert.equal(callsOf(leader), calls, 'it asked AWS')
      assert.deepEqual(writesOf(leader, resumedAt), [])
      assert.ok(writesOf(leader, 0).length > 0)
      ;[leader, standby] = [standby, leader]
    }
    await Promise.all([leader.stop(), standby.stop()])
    for (const [name, states] of history.states) {
      const last = states.at(-1)
      assert.deepEqual(last && outcomeOf(last), ISSUED, name)
      assert.ok(settledOnce(states), name)
    }
    assert.equal(aws.journal.minted.length, ROUNDS * REQUESTS)
  })
})

/** `jti` of a token. */
function identifierOf(token: string): string {
  const claims: { readonly jti: string } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return claims.jti
}

/** A number for each round, the same in every run. */
function drawn(round: number): number {
  return createHash('sha256').update(`stand still ${round}`).digest().readUInt32BE()
}
