const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A length of time in the one unit that fits, rounded down: `89 days`, `26 hours`, `3 minutes`. */
export function span(ms: number): string {
  const [unit, size] =
    ms >= 2 * DAY_MS
      ? (['day', DAY_MS] as const)
      : ms >= HOUR_MS
        ? (['hour', HOUR_MS] as const)
        : (['minute', MINUTE_MS] as const)
  return count(Math.floor(ms / size), unit)
}

/** `1 problem`, `2 problems`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** What to do where the API server gives no answer. */
export const LOOK_AT_CONTEXT =
  'see that the context of the kubeconfig is right and its credentials are good (kubectl get ns)'
