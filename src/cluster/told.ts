/** Texts to remember of one object; more than there are, unless each holds a time or a number of its own. */
const TEXTS = 32

/** What has been told of the objects told of last, so that nothing is told twice in a row of attempts. */
export class Told {
  readonly #limit: number
  readonly #byUid = new Map<string, { readonly type: string; readonly texts: Set<string> }>()

  /** @param limit objects to remember; the one not told of for longest is forgotten first */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Notes it. A text is news unless the object has been told of it already in the same `type`: a failure that comes back
   * after a success, or the other way round, is a change and is told again.
   */
  isNews(uid: string, type: string, text: string): boolean {
    const known = this.#byUid.get(uid)
    const entry = known?.type === type ? known : { type, texts: new Set<string>() }
    this.#byUid.delete(uid)
    this.#byUid.set(uid, entry)
    const [oldest] = this.#byUid.keys()
    if (this.#byUid.size > this.#limit && oldest !== undefined) this.#byUid.delete(oldest)
    if (entry.texts.has(text)) return false
    entry.texts.add(text)
    const [first] = entry.texts
    if (entry.texts.size > TEXTS && first !== undefined) entry.texts.delete(first)
    return true
  }
}
