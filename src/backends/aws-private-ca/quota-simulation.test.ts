import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkQueue } from '../../cluster/queue.ts'
import { Quotas } from '../../testing/fakes/acm-pca/quotas.ts'
import { VirtualTime } from '../../testing/fakes/apiserver/virtual-time.ts'
import { Quota, turnOf } from './quota.ts'

const WORKERS = 16
const LATENCY_MS = 60
const LIMITS = { start: 25, least: 2, most: 1000 }

interface Simulation {
  readonly requests: readonly string[]
  /** Calls per second that the service takes; undefined = any number. */
  readonly quota?: number
  /** Share of calls that are throttled whatever the quota. */
  readonly noise?: number
  /** So many, none of which knows of the others, ask for the same each. */
  readonly controllers?: number
}

interface Outcome {
  readonly tookMs: number
  readonly calls: number
  /** When each tenant's last request was taken. */
  readonly lastOf: ReadonlyMap<string, number>
}

/** What all controllers of a simulation share. */
interface World {
  readonly time: VirtualTime
  readonly random: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly call: () => Promise<boolean>
  readonly taken: (tenant: string) => void
  readonly stop: AbortController
}

/** The shell's queue and its 16 workers; a request is done once its call was taken. */
function controller(requests: readonly string[], { time, random, wait, call, taken, stop }: World): Promise<unknown> {
  const queue = new WorkQueue({ now: time.now, after: time.after, random })
  const bucket = new Quota(LIMITS, 0)
  const services = { monotonic: time.now, sleep: wait, random }
  const sign = async (key: string): Promise<number | undefined> => {
    const place = { tenant: key.split('/')[0] ?? '', id: key }
    const turn = await turnOf(bucket, place, { services, signal: stop.signal })
    if ('pollAfterMs' in turn) return turn.pollAfterMs
    if (!(await call())) return Math.max(20, bucket.throttled(turn, time.now()))
    bucket.accepted(time.now())
    taken(place.tenant)
    return undefined
  }
  const work = async (): Promise<void> => {
    for (let key = await queue.take(stop.signal); key !== undefined; key = await queue.take(stop.signal)) {
      const again = await sign(key)
      queue.done(key)
      if (again !== undefined) queue.addAfter(key, again)
    }
  }
  for (const key of requests) queue.add(key)
  return Promise.all(Array.from({ length: WORKERS }, work))
}

/** Controllers before a service with a quota. */
async function simulate({ requests, quota, noise = 0, controllers = 1 }: Simulation): Promise<Outcome> {
  const time = new VirtualTime()
  const random = generator()
  const service = new Quotas(quota === undefined ? {} : { IssueCertificate: quota })
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void time.after(ms, resolve))
  const lastOf = new Map<string, number>()
  let [calls, done] = [0, 0]
  const call = async (): Promise<boolean> => {
    calls += 1
    await wait(LATENCY_MS / 2)
    let taken = random() >= noise
    try {
      if (taken) service.take('IssueCertificate', 'account', time.now())
    } catch {
      taken = false
    }
    await wait(LATENCY_MS / 2)
    return taken
  }
  const taken = (tenant: string): void => {
    lastOf.set(tenant, time.now())
    done += 1
  }
  const stop = new AbortController()
  const world = { time, random, wait, call, taken, stop }
  const running = Array.from({ length: controllers }, () => controller(requests, world))
  const all = requests.length * controllers
  while (done < all && time.now() < 600_000) await time.advance(10)
  stop.abort()
  await Promise.all(running)
  assert.equal(done, all)
  return { tookMs: time.now(), calls, lastOf }
}

function generator(): () => number {
  let state = 1
  return () => {
    state = (state * 48271) % 0x7fffffff
    return state / 0x7fffffff
  }
}

function keys(tenant: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${tenant}/${index}`)
}

/** How long and with how many calls at most. */
const ROWS: readonly (Simulation & { readonly name: string; readonly mostMs: number; readonly mostCalls: number })[] = [
  {
    name: "W-A18: 300 requests at AWS's default quota of 25/s",
    requests: keys('a', 300),
    quota: 25,
    mostMs: 13_200,
    mostCalls: 330,
  },
  { name: '1000 requests at 25/s', requests: keys('a', 1000), quota: 25, mostMs: 44_000, mostCalls: 1100 },
  { name: '100 requests at 3/s', requests: keys('a', 100), quota: 3, mostMs: 35_000, mostCalls: 300 },
  { name: '300 requests where nothing is throttled', requests: keys('a', 300), mostMs: 3000, mostCalls: 300 },
  { name: '1000 requests where nothing is throttled', requests: keys('a', 1000), mostMs: 5500, mostCalls: 1000 },
  {
    name: '500 requests where others use the quota up, so that every other call is throttled however slow we are,',
    requests: keys('a', 500),
    noise: 0.5,
    mostMs: 80_000,
    mostCalls: 1100,
  },
  {
    name: '30 requests of each of 20 controllers that share 25/s',
    requests: keys('a', 30),
    controllers: 20,
    quota: 25,
    mostMs: 26_000,
    mostCalls: 20 * 30 * 3.2,
  },
]

for (const { name, mostMs, mostCalls, ...simulation } of ROWS) {
  test(`${name} take ${mostMs / 1000} s at most`, async () => {
    const { tookMs, calls } = await simulate(simulation)
    assert.ok(tookMs <= mostMs, `it took ${tookMs} ms`)
    assert.ok(calls <= mostCalls, `${calls} calls were made`)
  })
}

test('one request of a tenant is not behind the five hundred of another', async () => {
  const { lastOf } = await simulate({ requests: [...keys('a', 500), ...keys('b', 1)], quota: 25 })
  assert.ok((lastOf.get('b') ?? Number.POSITIVE_INFINITY) < 1000)
})
