/** The first gap: most certificates are there by then. */
const FIRST_MS = 150
const LONGEST_MS = 10_000

/**
 * How long to wait until the next poll of a certificate: twice as long each time, up to 10 s, with up to a fifth less so
 * that what was issued together is not asked for together.
 * @param polls how often it has been asked for
 * @param random from 0 up to 1
 */
export function pollGapMs(polls: number, random: number): number {
  const gap = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(polls, 10))
  return Math.round(gap * (1 - random / 5))
}
