import type { ApiClient } from './client.ts'

export interface EventSubject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  /** UpperCamelCase. */
  readonly reason: string
  readonly note: string
  /** UpperCamelCase: what was being done. */
  readonly action: string
}

export interface RecorderOptions {
  readonly client: ApiClient
  readonly reportingController: string
  /** Name of this process, such as the pod's. */
  readonly reportingInstance: string
  /** Where events of objects without a namespace go. */
  readonly defaultNamespace: string
  readonly now: () => number
  /** A name for the next event, unlike any before. */
  readonly unique: () => string
  readonly failed: (error: unknown) => void
}

const NOTE_LIMIT = 1000
/** Told before and not told again; far more than are open at a time. */
const REMEMBERED = 4096
/** Events that wait for the server; beyond it the newest are dropped. */
const BUFFERED = 256
/** Successes: ten a second, since an event for each certificate costs a tenth of the throughput. */
const SUCCESSES_PER_SECOND = 10

/** Tells what happened through events.k8s.io: failures and changes once, successes as far as a limiter lets them. */
export class EventRecorder {
  readonly #options: RecorderOptions
  readonly #told = new Set<string>()
  readonly #buffer: (() => Promise<void>)[] = []
  #sending: Promise<void> | undefined
  #tokens = SUCCESSES_PER_SECOND
  #filledAt: number

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#filledAt = options.now()
  }

  record(subject: EventSubject, text: EventText): void {
    if (text.type === 'Normal' ? !this.#token() : !this.#isNew(subject, text)) return
    if (this.#buffer.length >= BUFFERED) return
    const event = this.#eventOf(subject, text)
    this.#buffer.push(() => this.#send(event))
    this.#sending ??= this.#drain()
  }

  /** Resolves when everything recorded so far has been sent or has failed. */
  async flush(): Promise<void> {
    await this.#sending
  }

  #isNew({ uid }: EventSubject, { reason, note }: EventText): boolean {
    const identity = `${uid} ${reason} ${note}`
    if (this.#told.has(identity)) return false
    const [oldest] = this.#told
    if (this.#told.size >= REMEMBERED && oldest !== undefined) this.#told.delete(oldest)
    this.#told.add(identity)
    return true
  }

  #token(): boolean {
    const now = this.#options.now()
    this.#tokens = Math.min(SUCCESSES_PER_SECOND, this.#tokens + ((now - this.#filledAt) / 1000) * SUCCESSES_PER_SECOND)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  #eventOf(subject: EventSubject, { type, reason, note, action }: EventText): NamespacedEvent {
    const namespace = subject.namespace ?? this.#options.defaultNamespace
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace, name: `${subject.name}.${this.#options.unique()}` },
      eventTime: microTime(this.#options.now()),
      reportingController: this.#options.reportingController,
      reportingInstance: this.#options.reportingInstance,
      type,
      reason,
      action,
      note: note.length > NOTE_LIMIT ? `${note.slice(0, NOTE_LIMIT - 1)}…` : note,
      regarding: subject,
    }
  }

  async #drain(): Promise<void> {
    for (let send = this.#buffer.shift(); send !== undefined; send = this.#buffer.shift()) await send()
    this.#sending = undefined
  }

  async #send(event: NamespacedEvent): Promise<void> {
    const path = `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(event.metadata.namespace)}/events`
    await this.#options.client.request({ method: 'POST', path, body: event }).catch(this.#options.failed)
  }
}

interface NamespacedEvent {
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly [member: string]: unknown
}

/** `metav1.MicroTime`. */
function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z')
}
