import type { Program } from '../lab/process.ts'
import type { BenchCluster } from './cluster.ts'
import { type Bundle, startBundle } from './controller.ts'
import { observe } from './observer.ts'
import { type MemoryFigures, memory } from './process-figures.ts'
import { approveOne, createRequests } from './round.ts'

const FIRST_WITHIN_MS = 60_000

export interface StartFigures extends MemoryFigures {
  /** From the start of the process until a request that waited for it is Ready. */
  readonly firstCertificateMs: number
}

/** Starts the controller while one approved request waits for it. It goes on running. */
export async function measureStart(
  cluster: BenchCluster,
  bundle: Bundle,
  name: string,
): Promise<{ readonly figures: StartFigures; readonly program: Program }> {
  await createRequests(cluster, [name])
  await approveOne(cluster, name)
  const { sightings, stop } = await observe(cluster.admin)
  try {
    const began = performance.now()
    const program = await startBundle(cluster.lab.controlPlane, bundle)
    await program.whileRunning(sightings.untilReady(1, FIRST_WITHIN_MS)).catch((error: unknown) => {
      throw new Error(`No first certificate: ${String(error)}\nThe controller said:\n${program.log.tail()}`)
    })
    const firstCertificateMs = performance.now() - began
    return { figures: { firstCertificateMs, ...(await memory(program.pid)) }, program }
  } finally {
    stop()
  }
}

/** Starts and stops the controller several times. */
export async function measureStarts(
  cluster: BenchCluster,
  bundle: Bundle,
  { name, count }: { readonly name: string; readonly count: number },
): Promise<readonly StartFigures[]> {
  const found: StartFigures[] = []
  for (let index = 0; index < count; index += 1) {
    const { figures, program } = await measureStart(cluster, bundle, `${name}-${index}`)
    found.push(figures)
    await program.stop()
  }
  return found
}
