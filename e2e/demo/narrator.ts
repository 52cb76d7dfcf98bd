/** Tells the demo's story on a terminal: numbered steps with their times, and indented details. */
export interface Narrator {
  readonly step: <T>(title: string, act: () => Promise<T>) => Promise<T>
  readonly say: (text: string) => void
  /** Since the story began, milliseconds. */
  readonly elapsed: () => number
}

const INDENT = '   '

export function makeNarrator(write: (text: string) => void, now: () => number): Narrator {
  const begin = now()
  let steps = 0
  const say = (text: string): void => {
    write(`${text.replace(/^/gm, INDENT)}\n`)
  }
  return {
    say,
    elapsed: () => now() - begin,
    step: async (title, act) => {
      steps += 1
      write(`\n${steps}. ${title}\n`)
      const start = now()
      const result = await act()
      say(`(${((now() - start) / 1000).toFixed(1)} s)`)
      return result
    },
  }
}
