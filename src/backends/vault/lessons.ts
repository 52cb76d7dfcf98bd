import type { Lesson } from './answer.ts'
import type { Knowledge } from './knowledge.ts'

/** How long what an answer taught is believed, since its cause may be mended: 10 minutes. */
const BELIEVED_MS = 600_000

/** What answers taught that no check could read, so that the same mistake does not mint a certificate each time. */
export class Lessons {
  readonly #now: () => number
  #maxMs: { readonly value: number; readonly at: number } | undefined
  #backdateMs: number | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  learn(lesson: Lesson): void {
    if ('maxMs' in lesson) this.#maxMs = { value: lesson.maxMs, at: this.#now() }
    else this.#backdateMs = lesson.backdateMs
  }

  /** The knowledge of a check with what was learned since. */
  applied(known: Knowledge): Knowledge {
    const { role, mountMaxMs } = known
    const learned = this.#maxMs
    const limit = learned !== undefined && this.#now() - learned.at < BELIEVED_MS ? learned.value : Infinity
    const maxMs = Math.min(limit, mountMaxMs ?? Infinity)
    return {
      ...known,
      mountMaxMs: maxMs === Infinity ? undefined : maxMs,
      role: { ...role, backdateMs: this.#backdateMs ?? role.backdateMs },
    }
  }
}
