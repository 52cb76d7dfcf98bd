import type { ServerResponse } from 'node:http'
import type { FakeCollection, FakeEvent, FakeObject } from './collection.ts'
import type { Fault } from './faults.ts'

export interface WatchRequest {
  /** Undefined: begin with all objects, as `sendInitialEvents` asks for. */
  readonly from: number | undefined
  readonly wanted: (object: FakeObject) => boolean
  readonly fault: Fault | undefined
}

/** Writes the lines of one watch, and lets its fault happen. */
export class WatchAnswer {
  readonly #collection: FakeCollection
  readonly #request: WatchRequest
  readonly #response: ServerResponse
  #told = 0
  #over = false

  constructor(collection: FakeCollection, request: WatchRequest, response: ServerResponse) {
    this.#collection = collection
    this.#request = request
    this.#response = response
  }

  /** Answers; changes follow until the connection closes. */
  start(): void {
    const { from } = this.#request
    const version = from ?? this.#collection.version
    const past = from === undefined ? [] : this.#collection.since(from)
    this.#response.writeHead(200, { 'content-type': 'application/json' })
    this.#response.flushHeaders()
    const stop = this.#collection.listen((event) => this.#event(event))
    this.#response.on('close', stop)
    this.#strikeIfDue()
    if (from === undefined) this.#initial(version)
    for (const event of past ?? []) this.#event(event)
  }

  /** Tells how far the server is. */
  bookmark(version: number, annotations: Readonly<Record<string, string>> = {}): void {
    this.#line({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations } } })
  }

  end(): void {
    this.#over = true
    this.#response.end()
  }

  #initial(version: number): void {
    for (const object of this.#collection.objects) {
      this.#event({ type: 'ADDED', object, version: Number(object.metadata.resourceVersion) })
    }
    this.bookmark(version, { 'k8s.io/initial-events-end': 'true' })
  }

  #event({ type, object }: FakeEvent): void {
    if (!this.#request.wanted(object)) return
    this.#line({ type, object })
    this.#told += 1
    this.#strikeIfDue()
  }

  #line(event: unknown): void {
    if (!this.#over) this.#response.write(`${JSON.stringify(event)}\n`)
  }

  #strikeIfDue(): void {
    const { fault } = this.#request
    if (this.#over || fault === undefined || !('after' in fault) || fault.after !== this.#told) return
    // No server mixes old news into a list.
    if (fault.kind !== 'stale' || this.#request.from !== undefined) this.#strike(fault)
  }

  #strike(fault: Fault): void {
    if (fault.kind === 'stale') {
      const { from = 0 } = this.#request
      const old = (this.#collection.since(0) ?? []).filter(({ version }) => version <= from)
      for (const { type, object } of old) this.#line({ type, object })
      return
    }
    if (fault.kind === 'error-event') this.#line({ type: 'ERROR', object: statusObject(fault.status, 'InternalError') })
    this.#over = true
    if (fault.kind === 'end') this.#response.end()
    if (fault.kind === 'cut') this.#response.write('{"type":"ADDED","object":{"meta', () => this.#response.destroy())
  }
}

export function statusObject(code: number, reason: string, message = `fault ${code}`): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
}
