/** From so many answers on their share says something; twice as many are remembered at most. */
const TELLING = 15

/** Of the latest answers, how many were refusals; older ones fade. */
export class RefusedShare {
  #answers = 0
  #refused = 0

  add(refused: boolean): void {
    this.#answers += 1
    if (refused) this.#refused += 1
    if (this.#answers < 2 * TELLING) return
    this.#answers /= 2
    this.#refused /= 2
  }

  /** From 0 to 1; undefined where there are too few to tell. */
  get value(): number | undefined {
    return this.#answers < TELLING ? undefined : this.#refused / this.#answers
  }
}
