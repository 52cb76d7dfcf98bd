import { randomBytes } from 'node:crypto'

const DRAWN_OCTETS = 4096

/** Octets of the system's generator, drawn many at once: it takes as long for a few. */
export function systemRandom(): (octets: number) => Uint8Array {
  let drawn = randomBytes(DRAWN_OCTETS)
  let used = 0
  return (octets) => {
    if (used + octets > drawn.length) {
      drawn = randomBytes(Math.max(DRAWN_OCTETS, octets))
      used = 0
    }
    used += octets
    return drawn.subarray(used - octets, used)
  }
}
