/** Runs tasks side by side, at most `width` at a time; the others wait in their order. */
export type Limiter = <T>(task: () => Promise<T>) => Promise<T>

export function limiter(width: number): Limiter {
  const waiting: (() => void)[] = []
  let running = 0
  const next = (): void => {
    running -= 1
    waiting.shift()?.()
  }
  return async (task) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    return task().finally(next)
  }
}

/** Does `work` for every item, at most `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const limit = limiter(width)
  await Promise.all(items.map((item) => limit(() => work(item))))
}
