import { setTimeout as delay } from 'node:timers/promises'
import { type Peer, shakeHands } from '../lab/handshake.ts'

/** Between two rounds in the background, so that the programs under test have the processor to themselves mostly. */
const PAUSE_MS = 100

export interface TrafficCount {
  readonly handshakes: number
  /** Each in words. */
  readonly failures: readonly string[]
}

/** Handshakes among workloads, going on until stopped: every pair of them, in both roles, over and over. */
export interface Traffic {
  /** Lets a workload join, or takes the place of one, and shakes hands with everyone once more. */
  readonly join: (name: string, peer: Peer) => Promise<void>
  /** Every pair once, now. */
  readonly round: () => Promise<void>
  readonly count: () => TrafficCount
  /** Ends the handshakes in the background. */
  readonly stop: () => Promise<void>
}

export function startTraffic(): Traffic {
  const workloads = new Map<string, Peer>()
  const failures: string[] = []
  const stopper = new AbortController()
  const { signal } = stopper
  let handshakes = 0
  const shake = async ([server, serving]: Member, [client, calling]: Member): Promise<void> => {
    const result = await shakeHands(serving, calling)
    handshakes += 1
    if (!result.ok) failures.push(`${client} to ${server}: refused by the ${result.refusedBy}, ${result.error}`)
  }
  const round = async (): Promise<void> => {
    const members = [...workloads]
    for (const server of members) {
      for (const client of members) if (client !== server) await shake(server, client)
    }
  }
  const background = async (): Promise<void> => {
    while (!signal.aborted) {
      await round()
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = background()
  // A failure reaches whoever stops; it must not end the process in between.
  running.catch(() => undefined)
  return {
    join: async (name, peer) => {
      workloads.set(name, peer)
      await round()
    },
    round,
    count: () => ({ handshakes, failures }),
    stop: async () => {
      stopper.abort()
      await running
    },
  }
}

type Member = readonly [name: string, peer: Peer]
