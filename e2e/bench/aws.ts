import { join } from 'node:path'
import { request } from 'undici'
import type { ControlCommand } from '../../src/testing/fakes/acm-pca/control.ts'
import { isObject } from '../../src/testing/fakes/acm-pca/input.ts'
import type { AcmPcaConfig } from '../../src/testing/fakes/acm-pca/options.ts'
import { issuer } from '../harness/objects.ts'
import { AWS_REGION, AWS_USER, caArn, installed } from '../lab/acm-pca.ts'
import { installCrds } from '../lab/crds.ts'
import { createAuthority } from '../lab/pki.ts'
import { startProgram } from '../lab/process.ts'
import type { BenchCluster } from './cluster.ts'
import { type Bundle, startBundle } from './controller.ts'
import { type Measurement, summaryOf } from './measure.ts'
import { AWS_PRIVATECA_ISSUER, builtPeer } from './peers.ts'
import { NAMESPACE } from './requests.ts'
import { type RoundFigures, runRound } from './round.ts'

/** As AWS's default quotas are, per second. */
export const AWS_QUOTA = { IssueCertificate: 25, GetCertificate: 75 } as const
/** Requests under the quota. */
export const AWS_QUOTA_REQUESTS = 300
/** How long a call to a service of AWS takes from its own region, ms. */
export const AWS_LATENCY_MS = 60

/** Requests to the existing issuer, which does few in a second. */
const PEER_REQUESTS = 60

/** Name of the issuer that leads to the fake. */
export const AWS_ISSUER = 'aws'
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'testing', 'fakes', 'acm-pca', 'main.ts')

export interface AwsResult {
  readonly limit: readonly RoundFigures[]
  /** Without quota and latency. */
  readonly free: readonly RoundFigures[]
  /** Calls to Private CA per certificate, of all the rounds so far. */
  readonly callsPerCertificate: number
  /** With AWS_LATENCY_MS for each call. */
  readonly slow: readonly RoundFigures[]
  /** The existing issuer under the same. */
  readonly slowPeer: RoundFigures
  /** Under AWS_QUOTA. */
  readonly quotaSeconds: number
}

/** Rounds with AWS Private CA, as a fake of it serves: each turn of the free ones beside one of the limit. */
export async function measureAws(
  cluster: BenchCluster,
  bundle: Bundle,
  { plan, say }: Measurement,
): Promise<AwsResult> {
  const aws = await startAws(cluster)
  const program = await startBundle(cluster.lab.controlPlane, bundle, '--insecure-endpoints')
  const own = { controllerPid: program.pid, issuer: AWS_ISSUER }
  const count = plan.requests
  // A program that runs for months is measured, not one that V8 is still compiling.
  await runRound(cluster, { name: 'aws-warm-up', count, ...own })
  const rounds: { readonly limit: RoundFigures[]; readonly free: RoundFigures[] } = { limit: [], free: [] }
  await aws.control({ clearJournal: true })
  for (let index = 0; index < plan.pkiRounds; index += 1) {
    const limit = await runRound(cluster, { name: `aws-limit-${index}`, count })
    const free = await runRound(cluster, { name: `aws-free-${index}`, count, ...own })
    say(summaryOf('limit', limit))
    say(summaryOf('AWS', free))
    rounds.limit.push(limit)
    rounds.free.push(free)
  }
  const callsPerCertificate = (await aws.calls()) / (count * plan.pkiRounds)
  await aws.control({ latencyMs: AWS_LATENCY_MS })
  const slow: RoundFigures[] = []
  for (let index = 0; index < plan.rounds; index += 1) {
    const figures = await runRound(cluster, { name: `aws-slow-${index}`, count, ...own })
    say(summaryOf(`AWS ${AWS_LATENCY_MS} ms`, figures))
    slow.push(figures)
  }
  const slowPeer = await peerRound(cluster, aws)
  await aws.control({ latencyMs: 0, quotas: AWS_QUOTA })
  const quota = await runRound(cluster, { name: 'aws-quota', count: AWS_QUOTA_REQUESTS, ...own })
  await program.stop()
  await aws.stop()
  return {
    ...rounds,
    callsPerCertificate,
    slow,
    slowPeer,
    quotaSeconds: AWS_QUOTA_REQUESTS / quota.certificatesPerSecond,
  }
}

/** The existing issuer, as its chart starts it. */
async function peerRound(cluster: BenchCluster, { url }: BenchAws): Promise<RoundFigures> {
  const { lab, admin } = cluster
  const folder = await builtPeer(AWS_PRIVATECA_ISSUER)
  await installCrds(admin, join(folder, 'crds'))
  const secretRef = { namespace: NAMESPACE, name: AWS_ISSUER }
  const spec = { arn: caArn(1), region: AWS_REGION, secretRef }
  const metadata = { namespace: NAMESPACE, name: AWS_ISSUER }
  await admin.apply({ ...{ spec }, apiVersion: 'awspca.cert-manager.io/v1beta1', kind: 'AWSPCAIssuer', metadata })
  const program = await startProgram(lab.workspace, {
    name: 'aws-privateca-issuer',
    command: join(folder, 'bin', 'aws-privateca-issuer'),
    args: [
      `-kubeconfig=${lab.controlPlane.kubeconfig('admin')}`,
      '-metrics-bind-address=0',
      '-health-probe-bind-address=0',
    ],
    environment: { AWS_ENDPOINT_URL: url, AWS_REGION },
  })
  const round = await runRound(cluster, {
    ...{ name: 'aws-peer', count: PEER_REQUESTS, issuer: AWS_ISSUER, kind: 'AWSPCAIssuer' },
    controllerPid: program.pid,
  })
  await program.stop()
  return round
}

export interface BenchAws {
  readonly url: string
  readonly control: (command: ControlCommand) => Promise<void>
  /** Calls to Private CA since the journal was cleared. */
  readonly calls: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts the fake as a process of its own, so that its work is not the bench's, and an issuer that leads there. */
export async function startAws({ lab, admin }: BenchCluster): Promise<BenchAws> {
  const root = await createAuthority({ commonName: 'aws root' })
  const config: AcmPcaConfig = { authorities: [installed(caArn(1), root)], credentials: [AWS_USER] }
  const program = await startProgram(lab.workspace, {
    name: 'acm-pca',
    command: process.execPath,
    args: [MAIN, JSON.stringify(config)],
  })
  const [, url = ''] = /"url":"([^"]+)"/.exec(await program.log.waitFor(/"url":/)) ?? []
  const { accessKeyId, secretAccessKey } = AWS_USER
  await admin.apply({
    ...{ stringData: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } },
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: NAMESPACE, name: AWS_ISSUER },
  })
  const credentials = { secretRef: { name: AWS_ISSUER } }
  const awsPrivateCA = { arn: caArn(1), endpoint: url, stsEndpoint: url, credentials }
  await admin.apply(issuer({ namespace: NAMESPACE, name: AWS_ISSUER, spec: { awsPrivateCA } }))
  return {
    url,
    control: async (command) => {
      const { statusCode, body } = await request(`${url}/_control`, { method: 'POST', body: JSON.stringify(command) })
      const answer = await body.text()
      if (statusCode !== 200) throw new Error(`The fake of AWS refused: ${answer}`)
    },
    calls: async () => countCalls(await (await request(`${url}/_journal`)).body.json()),
    stop: () => program.stop(),
  }
}

/** The two operations that a certificate takes. */
function countCalls(journal: unknown): number {
  const summary = isObject(journal) && isObject(journal.summary) ? journal.summary : {}
  const operations = isObject(summary.operations) ? summary.operations : {}
  return Number(operations.IssueCertificate) + Number(operations.GetCertificate)
}
