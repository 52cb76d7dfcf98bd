import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'undici'
import { eventually } from '../lab/eventually.ts'
import { startOpenBao } from '../lab/openbao.ts'
import { freePort } from '../lab/ports.ts'
import { type Program, startProgram } from '../lab/process.ts'
import { AWS_ISSUER, startAws } from './aws.ts'
import type { BenchCluster } from './cluster.ts'
import { type Bundle, startBundle } from './controller.ts'
import type { Measurement } from './measure.ts'
import { measurePage, type PageFigures } from './page.ts'
import { memory } from './process-figures.ts'
import { runRound } from './round.ts'
import { prepareVault, VAULT_ISSUER } from './vault.ts'

const READY_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 2
/** What V8 and the allocator give back of themselves is given back by then. */
const IDLE_MS = 15_000
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

export interface ShippedResult {
  /** From the start of the process until /readyz says so, ms; of what is shipped and of the sources. */
  readonly shippedReadyMs: readonly number[]
  readonly sourceReadyMs: readonly number[]
  /** With every back end loaded, after a certificate from each. */
  readonly idleRssMiB: number
  readonly page: PageFigures
}

/** What the image runs, beside the sources that it was made of. */
export async function measureShipped(
  cluster: BenchCluster,
  bundle: Bundle,
  { plan, say }: Measurement,
): Promise<ShippedResult> {
  const ready = { shipped: [] as number[], source: [] as number[] }
  for (let index = 0; index < plan.starts; index += 1) {
    ready.shipped.push(await readyMs((address) => startBundle(cluster.lab.controlPlane, bundle, address)))
    ready.source.push(await readyMs((address) => startSource(cluster, address)))
    say(`ready after ${ready.shipped.at(-1)?.toFixed(0)} ms, from the sources ${ready.source.at(-1)?.toFixed(0)} ms`)
  }
  const idleRssMiB = await measureIdle(cluster, bundle)
  const page = await measurePage(cluster, bundle)
  return { shippedReadyMs: ready.shipped, sourceReadyMs: ready.source, idleRssMiB, page }
}

/** Starts it once, and stops it. */
async function readyMs(start: (address: string) => Promise<Program>): Promise<number> {
  const port = await freePort()
  const began = performance.now()
  const program = await start(`--http-addr=127.0.0.1:${port}`)
  await untilReady(program, port)
  const took = performance.now() - began
  await program.stop()
  return took
}

function startSource({ lab: { controlPlane } }: BenchCluster, address: string): Promise<Program> {
  return startProgram(controlPlane.workspace, {
    name: 'mesh-ca-source',
    command: process.execPath,
    args: [MAIN, 'controller', address, '--status-addr='],
    environment: { KUBECONFIG: controlPlane.kubeconfig('mesh-ca-issuer') },
  })
}

async function untilReady(program: Program, port: number): Promise<void> {
  const attempts = {
    what: 'A ready controller',
    withinMs: READY_WITHIN_MS,
    everyMs: LOOK_EVERY_MS,
    signal: program.ended,
  }
  await program.whileRunning(
    eventually(attempts, async () => ((await isReady(port).catch(() => false)) ? true : undefined)),
  )
}

async function isReady(port: number): Promise<boolean> {
  const client = new Client(`http://127.0.0.1:${port}`)
  try {
    const { statusCode, body } = await client.request({ method: 'GET', path: '/readyz' })
    await body.dump()
    return statusCode === 200
  } finally {
    await client.destroy()
  }
}

/** A certificate from each back end, and then nothing to do. */
async function measureIdle(cluster: BenchCluster, bundle: Bundle): Promise<number> {
  const aws = await startAws(cluster)
  await prepareVault(cluster, await startOpenBao(cluster.lab.workspace))
  const program = await startBundle(cluster.lab.controlPlane, bundle, '--insecure-endpoints')
  for (const name of ['bench', AWS_ISSUER, VAULT_ISSUER])
    await runRound(cluster, { name: `idle-${name}`, count: 1, issuer: name, controllerPid: program.pid })
  await delay(IDLE_MS)
  const { rssMiB } = await memory(program.pid)
  await program.stop()
  await aws.stop()
  return rssMiB
}
