import { type ApiClient, type ClientLimits, connect } from '../../../cluster/client.ts'
import { ApiError } from '../../../cluster/errors.ts'
import { Reflector } from '../../../cluster/reflector.ts'
import { testAccess } from './access.ts'
import type { FakeObject } from './collection.ts'
import { FAKE_PATH, type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from './server.ts'

export interface ReflectorStage {
  readonly server: FakeApiServer
  readonly client: ApiClient
  readonly reflector: Reflector<number>
  /** What `changed` was called with: `a 1>2`, with `-` for nothing. */
  readonly changes: string[]
  readonly failures: unknown[]
  /** The pauses that were asked for, milliseconds; none of them is kept. */
  readonly pauses: number[]
  /** Resolves at the next change that ends with this text. */
  readonly change: (text: string) => Promise<void>
  /** Resolves when so many pauses were asked for. */
  readonly paused: (count: number) => Promise<void>
  readonly start: () => void
  /** Aborts the reflector and resolves when it has ended. */
  readonly stop: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface ReflectorStageOptions extends FakeApiServerOptions {
  readonly fieldSelector?: string
  readonly limits?: ClientLimits
  /** Called before each change is noted. */
  readonly onChange?: (key: string) => void
  readonly onFailure?: () => void
  readonly onRecovery?: () => void
  readonly project?: (object: FakeObject) => number | undefined
}

const LIMITS: ClientLimits = { callMs: 5000, silenceMs: 5000, credentialsMs: 10_000 }

/** A fake server and a reflector of it that makes no pauses. */
export async function reflectorStage(options: ReflectorStageOptions = {}): Promise<ReflectorStage> {
  const server = await startFakeApiServer(options)
  const client = connect(testAccess(server), performanceNow, options.limits ?? LIMITS)
  const [changes, failures, pauses]: [string[], unknown[], number[]] = [[], [], []]
  const waiting = new Map<string, () => void>()
  const enough = new Map<number, () => void>()
  const project = options.project ?? (({ spec }: FakeObject) => spec.value)
  const reflector = new Reflector<number>({
    client,
    path: FAKE_PATH,
    ...(options.fieldSelector !== undefined && { fieldSelector: options.fieldSelector }),
    project: (object) => (isFakeObject(object) ? project(object) : undefined),
    changed: (key, before = Number.NaN, after = Number.NaN) => {
      const change = `${key.replace(/^default\//, '')} ${before}>${after}`.replaceAll('NaN', '-')
      changes.push(change)
      options.onChange?.(key)
      for (const [text, resolve] of waiting) if (change.endsWith(text)) resolve()
    },
    failed: (error) => {
      failures.push(error)
      options.onFailure?.()
    },
    ...(options.onRecovery !== undefined && { recovered: options.onRecovery }),
    now: performanceNow,
    random: () => 1,
    after: (ms, act) => {
      pauses.push(ms)
      enough.get(pauses.length)?.()
      const timer = setImmediate(act)
      return () => clearImmediate(timer)
    },
  })
  const stop = new AbortController()
  let running: Promise<void> | undefined
  const end = async (): Promise<void> => {
    stop.abort()
    await running
  }
  return {
    server,
    client,
    reflector,
    changes,
    failures,
    pauses,
    change: (text) => new Promise((resolve) => waiting.set(text, resolve)),
    paused: (count) => new Promise((resolve) => enough.set(count, resolve)),
    start: () => {
      running = reflector.run(stop.signal)
    },
    stop: end,
    close: async () => {
      await end()
      await client.close()
      await server.close()
    },
  }
}

function performanceNow(): number {
  return performance.now()
}

function isFakeObject(object: unknown): object is FakeObject {
  return typeof object === 'object' && object !== null && 'spec' in object && 'metadata' in object
}

/** The store of a reflector as the server's objects should make it. */
export function stored(reflector: Reflector<number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...reflector.entries()].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Changes one object and waits until the reflector has it: whatever was before has been seen then. */
export async function settled({ server, change }: ReflectorStage, value = 100): Promise<void> {
  const seen = change(`>${value}`)
  server.collection.put('last', { group: 'ours', value })
  await seen
}

/** What was asked of the server: `stream`, `list` or `watch 7`, and `selected` with a field selector. */
export function requestsOf({ server }: ReflectorStage): readonly string[] {
  return server.requests.map(({ query }) => {
    const kind = query.get('watch') !== 'true' ? 'list' : query.has('sendInitialEvents') ? 'stream' : 'watch'
    const words = [kind, query.get('resourceVersion'), query.has('fieldSelector') ? 'selected' : null]
    return words.filter((word) => word !== null).join(' ')
  })
}

export function reasonsOf({ failures }: ReflectorStage): readonly string[] {
  return failures.map((error) => (error instanceof ApiError ? error.reason : String(error)))
}
