import { syncBuiltinESMExports } from 'node:module'
import promises from 'node:timers/promises'

/** The machine's own, before anything is replaced. */
const real = { setTimeout, clearTimeout, now: Date.now, monotonic: performance.now.bind(performance) }

/** Its rates, in the order in which they follow one another: the machine's, one to wait with, and two to work with. */
export const RATES = [1, 60, 6, 16] as const

/** A clock that starts with the machine's and can run faster than it. */
export class FastClock {
  #turns = 0
  /** Of the machine, and here, when the rate was last changed: milliseconds of clocks that never go back. */
  #realSince: number
  #since = 0
  readonly #startedAt: number
  readonly #monotonic: () => number
  readonly #timers = new Set<FastTimer>()

  constructor(now: () => number = real.now, monotonic: () => number = real.monotonic) {
    this.#startedAt = now()
    this.#monotonic = monotonic
    this.#realSince = monotonic()
  }

  get rate(): number {
    return RATES[this.#turns % RATES.length] ?? 1
  }

  /** Takes the next rate; what is waited for already takes it as well. */
  turn(): void {
    this.#since = this.elapsed()
    this.#realSince = this.#monotonic()
    this.#turns += 1
    for (const timer of this.#timers) timer.arm()
  }

  /** Milliseconds since it was made. */
  readonly elapsed = (): number => this.#since + (this.#monotonic() - this.#realSince) * this.rate

  /** Epoch milliseconds. */
  readonly now = (): number => this.#startedAt + Math.floor(this.elapsed())

  readonly after = (ms: number, act: () => void): FastTimer => new FastTimer(this, this.#timers, { ms, act })
}

interface FastAct {
  readonly ms: number
  readonly act: () => void
}

/** Has the members of a Timeout that libraries use. */
export class FastTimer {
  readonly #clock: FastClock
  readonly #all: Set<FastTimer>
  readonly #what: FastAct
  #dueAt: number
  #keepsAlive = true
  #real: NodeJS.Timeout | undefined

  constructor(clock: FastClock, all: Set<FastTimer>, what: FastAct) {
    this.#clock = clock
    this.#all = all
    this.#what = what
    this.#dueAt = clock.elapsed() + what.ms
    this.#all.add(this)
    this.arm()
  }

  /** Waits for what is left at the present rate. */
  arm(): void {
    real.clearTimeout(this.#real)
    const left = Math.max(0, this.#dueAt - this.#clock.elapsed()) / this.#clock.rate
    this.#real = real.setTimeout(() => {
      // Node counts whole milliseconds, of which each is many here.
      if (this.#clock.elapsed() < this.#dueAt) {
        this.arm()
        return
      }
      this.#all.delete(this)
      this.#what.act()
    }, left)
    if (!this.#keepsAlive) this.#real.unref()
  }

  refresh(): this {
    this.#dueAt = this.#clock.elapsed() + this.#what.ms
    this.#all.add(this)
    this.arm()
    return this
  }

  close(): this {
    this.#all.delete(this)
    real.clearTimeout(this.#real)
    return this
  }

  ref(): this {
    this.#keepsAlive = true
    this.#real?.ref()
    return this
  }

  unref(): this {
    this.#keepsAlive = false
    this.#real?.unref()
    return this
  }

  hasRef(): boolean {
    return this.#keepsAlive
  }
}

/** Makes everything in this process that asks for the time, or waits, go by that clock. Call it before anything is loaded. */
export function installFastClock(clock: FastClock): void {
  const put = (target: object, name: string, value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: true, configurable: true })
  }
  const start = real.monotonic()
  put(performance, 'now', () => start + clock.elapsed())
  put(globalThis, 'Date', fastDate(clock))
  put(globalThis, 'setTimeout', (act: (...args: readonly unknown[]) => void, ms = 1, ...args: readonly unknown[]) =>
    clock.after(ms, () => act(...args)),
  )
  put(globalThis, 'clearTimeout', (timer: NodeJS.Timeout | FastTimer | undefined) => {
    if (timer instanceof FastTimer) timer.close()
    else real.clearTimeout(timer)
  })
  put(promises, 'setTimeout', fastDelay(clock))
  syncBuiltinESMExports()
}

function fastDate(clock: FastClock): DateConstructor {
  return new Proxy(Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [clock.now()] : args, self),
    get: (target, name) => (name === 'now' ? clock.now : Reflect.get(target, name)),
  })
}

function fastDelay(clock: FastClock) {
  return (ms: number, value?: unknown, { signal }: { readonly signal?: AbortSignal } = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const refuse = (): void => {
        timer.close()
        reject(signal?.reason)
      }
      const timer = clock.after(ms, () => {
        signal?.removeEventListener('abort', refuse)
        resolve(value)
      })
      if (signal?.aborted === true) refuse()
      signal?.addEventListener('abort', refuse, { once: true })
    })
}
