import { ApiError, hasStatus } from './errors.ts'

/** Answers that say a watch cannot go on as it is; after as many in a row without an event, list anew. */
const HOPELESS_AFTER = 3
/** undici's code for a stream that fell silent. */
const SILENT = 'UND_ERR_BODY_TIMEOUT'

/** What has been learned of a server: how it lists, which selectors it knows, and when a watch is beyond help. */
export class Tactics {
  #fieldSelector: string | undefined
  #streams = true
  #pagesNext = false
  #failedWatches = 0

  constructor(fieldSelector: string | undefined) {
    this.#fieldSelector = fieldSelector
  }

  get fieldSelector(): string | undefined {
    return this.#fieldSelector
  }

  /** Whether the next list is asked for as a stream. */
  get listsAsStream(): boolean {
    return this.#streams && !this.#pagesNext
  }

  /** A list is complete. */
  listed(): void {
    this.#pagesNext = false
  }

  /** A watch brought something. */
  heard(): void {
    this.#failedWatches = 0
  }

  /** A streaming list ended, or fell silent, before it was complete: try pages once, should this server never complete one. */
  listBrokeOff(): void {
    this.#pagesNext = this.listsAsStream
  }

  /** @returns whether the next session must begin with a list */
  learn(error: unknown, watching: boolean): boolean {
    if (!(error instanceof ApiError)) return !watching
    if (isInvalid(error)) return this.#learnInvalid(error, watching)
    if (!watching) {
      if (error.code === SILENT) this.listBrokeOff()
      return true
    }
    if (error.status >= 500 && error.status !== 503) this.#failedWatches += 1
    if (error.status !== 410 && this.#failedWatches < HOPELESS_AFTER) return false
    this.#failedWatches = 0
    return true
  }

  #learnInvalid(error: ApiError, watching: boolean): boolean {
    if (this.#fieldSelector !== undefined && /field label|field selector/i.test(error.message)) {
      this.#fieldSelector = undefined
      return !watching
    }
    if (!watching) this.#streams = false
    return true
  }
}

/** 400 and 422: what a server answers to options it does not know. */
function isInvalid(error: ApiError): boolean {
  return hasStatus(error, 400) || hasStatus(error, 422)
}
