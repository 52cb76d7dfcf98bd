import type { Lesson } from './answer.ts'
import type { Knowledge } from './knowledge.ts'

interface Learned {
  readonly lesson: Lesson
  /** Epoch milliseconds. */
  readonly at: number
}

/** How long what an answer taught is believed, since its cause may be mended: 10 minutes. */
const BELIEVED_MS = 600_000

/** What answers taught that no check could read, so that the same mistake does not mint a certificate each time. */
export class Lessons {
  readonly #now: () => number
  /** The last one of each kind. */
  readonly #learned = new Map<string, Learned>()

  constructor(now: () => number) {
    this.#now = now
  }

  learn(lesson: Lesson): void {
    for (const kind of Object.keys(lesson)) this.#learned.set(kind, { lesson, at: this.#now() })
  }

  /** The knowledge of a check with what was learned since. */
  applied(known: Knowledge): Knowledge {
    const lessons = [...this.#learned.values()].filter(({ at }) => this.#now() - at < BELIEVED_MS)
    return lessons.reduce((all, { lesson }) => withLesson(all, lesson), known)
  }
}

function withLesson(known: Knowledge, lesson: Lesson): Knowledge {
  const { role, mountMaxMs } = known
  if ('mountMaxMs' in lesson) return { ...known, mountMaxMs: lower(lesson.mountMaxMs, mountMaxMs) }
  if ('roleMaxMs' in lesson) return { ...known, role: { ...role, maxMs: lower(lesson.roleMaxMs, role.maxMs) } }
  return { ...known, role: { ...role, backdateMs: lesson.backdateMs } }
}

function lower(learned: number, known: number | undefined): number {
  return Math.min(learned, known ?? Infinity)
}
