/** Shows long work on a terminal as a ticking line, elsewhere as a line every 15 s, so that a build log never falls silent. */
export interface Progress {
  /** Announces one item; the returned function ends it. */
  readonly start: (item: string) => () => void
  readonly say: (line: string) => void
}

const TERMINAL_TICK_MS = 1_000
const LOG_TICK_MS = 15_000

interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export function showProgress(output: Output, title: string, total: number): Progress {
  const terminal = output.isTTY === true
  let count = 0
  const start = (item: string): (() => void) => {
    count += 1
    const label = `${title} ${count} of ${total}: ${item}`
    const began = performance.now()
    const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`
    output.write(terminal ? `${label} …` : `${label} …\n`)
    const tick = (): unknown => output.write(terminal ? `\r${label} … ${seconds()}` : `${label} … ${seconds()}\n`)
    const timer = setInterval(tick, terminal ? TERMINAL_TICK_MS : LOG_TICK_MS)
    // Work that failed is never ended, and must not keep the program from saying so.
    timer.unref()
    return () => {
      clearInterval(timer)
      output.write(`${terminal ? '\r' : ''}${label} done in ${seconds()}\n`)
    }
  }
  return { start, say: (line) => output.write(`${line}\n`) }
}
