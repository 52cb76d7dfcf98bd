import assert from 'node:assert/strict'
import { ApiError } from '../../../cluster/errors.ts'
import { LeaseElection, type LeaseTimes } from '../../../cluster/lease.ts'
import type { LeaseObject, LeaseSpec } from '../../../cluster/lease-object.ts'
import { ObjectClient } from './object-client.ts'
import { VirtualTime } from './virtual-time.ts'

export const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/system/leases/issuer'
/** Epoch milliseconds of the virtual time's beginning. */
export const EPOCH = Date.UTC(2026, 10, 23, 12)
/** client-go's (tools/leaderelection). */
export const TIMES: LeaseTimes = { durationMs: 15_000, deadlineMs: 10_000, retryMs: 2000 }

export interface Candidate {
  readonly election: LeaseElection
  readonly client: ObjectClient
  /** Times at which it began and ended to lead, milliseconds: `+0`, `-15000`. */
  readonly log: string[]
  readonly failures: unknown[]
  /** Asks it to stop; resolves when it has, for which time must go on where its work lingers. */
  readonly stop: () => Promise<void>
}

export interface Stage {
  readonly time: VirtualTime
  readonly client: ObjectClient
  /** Its work ends `lingerMs` after it was told to. */
  readonly start: (identity: string, options?: StartOptions) => Candidate
}

export interface StartOptions {
  readonly client?: ObjectClient
  readonly lingerMs?: number
  readonly wallClockOffMs?: number
  /** Of its gaps: from 0 to 1. */
  readonly random?: number
}

/** A server, a clock, and candidates as they are started. */
export function stage(): Stage {
  const [time, client] = [new VirtualTime(), new ObjectClient()]
  const start = (identity: string, options: StartOptions = {}): Candidate => {
    const [stop, log, failures] = [new AbortController(), [] as string[], [] as unknown[]]
    const election = new LeaseElection({
      client: options.client ?? client,
      namespace: 'system',
      name: 'issuer',
      identity,
      times: TIMES,
      now: () => EPOCH + time.now() + (options.wallClockOffMs ?? 0),
      monotonic: time.now,
      random: () => options.random ?? 0,
      after: time.after,
      failed: (error) => failures.push(error),
    })
    const lead = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        log.push(`+${time.now()}`)
        const end = (): void => {
          log.push(`-${time.now()}`)
          time.after(options.lingerMs ?? 0, resolve)
        }
        if (signal.aborted) end()
        else signal.addEventListener('abort', end)
      })
    const running = election.run(lead, stop.signal)
    return {
      election,
      client: options.client ?? client,
      log,
      failures,
      stop: async () => {
        stop.abort()
        if (options.lingerMs === undefined) await time.advance(0)
        await running
      },
    }
  }
  return { time, client, start }
}

/** What the Lease says. */
export function specOf(client: ObjectClient): LeaseSpec {
  const lease = client.object(LEASE_PATH)
  assert.ok(lease !== undefined && 'spec' in lease && typeof lease.spec === 'object' && lease.spec !== null)
  return lease.spec
}

/** How a connection is: calls are refused, get no answer until they are given up, or not even then. */
export type Line = 'open' | 'refused' | 'hanging' | 'dead'

/** A client of the same server whose connection can be cut and mended. */
export function cuttable(client: ObjectClient): { readonly client: ObjectClient; cut: (line: Line) => void } {
  let line: Line = 'open'
  const cut = new ObjectClient()
  cut.request = async (call) => {
    if (line === 'refused') throw new ApiError(0, 'Unreachable', 'cut')
    if (line === 'hanging') await new Promise((resolve) => call.signal?.addEventListener('abort', resolve))
    if (line === 'dead') await new Promise(() => undefined)
    return client.request(call)
  }
  return {
    client: cut,
    cut: (next) => {
      line = next
    },
  }
}

/** Writes the Lease as somebody else would. */
export async function edit(client: ObjectClient, change: (lease: LeaseObject) => object): Promise<void> {
  const lease = await client.request<LeaseObject>({ method: 'GET', path: LEASE_PATH })
  await client.request({ method: 'PUT', path: LEASE_PATH, body: change(lease) })
}
