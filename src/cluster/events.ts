import type { ApiClient } from './client.ts'
import { type EventObject, type EventReporter, type EventSubject, type EventText, eventObject } from './event-object.ts'
import { Limiter } from './limiter.ts'
import { Told } from './told.ts'

export type { EventSubject, EventText } from './event-object.ts'

export interface RecorderOptions extends EventReporter {
  readonly client: ApiClient
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number
  /** A name for the next event, unlike any before: lower-case letters, digits and dashes. */
  readonly unique: () => string
  /** What stood in the way of an event; never thrown. */
  readonly failed: (error: unknown) => void
}

/** `change`: a failure or a change of state, told once. `routine`: a success among many, told as far as the limiter lets it. */
export type EventWeight = 'change' | 'routine'

/** Objects to remember; far more than are open at a time. */
const REMEMBERED = 4096
/** Events that wait for the server; beyond it the newest are dropped. */
const BUFFERED = 256
/** An event for each certificate costs a tenth of the throughput. */
const ROUTINE_PER_SECOND = 10

/** Tells what happened through events.k8s.io, in the background. */
export class EventRecorder {
  readonly #options: RecorderOptions
  readonly #told = new Told(REMEMBERED)
  readonly #limiter: Limiter
  #buffer: EventObject[] = []
  #sending: Promise<void> | undefined
  #overflowing = false

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#limiter = new Limiter(ROUTINE_PER_SECOND, options.now)
  }

  /** @param weight default: a Warning is a change, what is Normal is routine */
  record(subject: EventSubject, text: EventText, weight: EventWeight = defaultWeight(text)): void {
    const { type, reason, note } = text
    const wanted =
      weight === 'change' ? this.#told.isNews(subject.uid, type, `${reason} ${note}`) : this.#limiter.take()
    if (!wanted || !this.#hasRoom()) return
    const { now, unique } = this.#options
    this.#buffer.push(eventObject(this.#options, { subject, text }, { at: now(), unique: unique() }))
    this.#sending ??= this.#drain()
  }

  /** Resolves when everything recorded so far was sent or has failed; what is left when `signal` aborts is dropped. */
  async flush(signal?: AbortSignal): Promise<void> {
    const drop = (): void => {
      this.#buffer = []
    }
    signal?.addEventListener('abort', drop, { once: true })
    if (signal?.aborted === true) drop()
    await this.#sending
    signal?.removeEventListener('abort', drop)
  }

  #hasRoom(): boolean {
    if (this.#buffer.length < BUFFERED) return true
    if (!this.#overflowing) this.#options.failed(new Error('events are dropped: the API server does not take them'))
    this.#overflowing = true
    return false
  }

  async #drain(): Promise<void> {
    for (let event = this.#buffer.shift(); event !== undefined; event = this.#buffer.shift()) await this.#send(event)
    this.#overflowing = false
    this.#sending = undefined
  }

  async #send(event: EventObject): Promise<void> {
    const path = `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(event.metadata.namespace)}/events`
    try {
      await this.#options.client.send({ method: 'POST', path, body: event })
    } catch (error) {
      this.#options.failed(error)
    }
  }
}

function defaultWeight({ type }: EventText): EventWeight {
  return type === 'Warning' ? 'change' : 'routine'
}
