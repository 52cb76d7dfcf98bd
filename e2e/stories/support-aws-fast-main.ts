import { FastClock, installFastClock } from './support-aws-fast-clock.ts'

/**
 * `mesh-ca` with a clock of its own that a story can hasten: each SIGUSR2 gives it the next of its rates. The program itself
 * has no part in it.
 */
const clock = new FastClock()
installFastClock(clock)
process.on('SIGUSR2', () => clock.turn())
await import('../../src/main.ts')
