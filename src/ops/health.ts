/** One thing that must hold; undefined when it does, else what is wrong. */
export type HealthCheck = () => string | undefined

export interface HealthReport {
  readonly ok: boolean
  /** One line a problem; `ok` where there is none. */
  readonly text: string
}

/** Asks all checks. */
export function report(checks: readonly HealthCheck[]): HealthReport {
  const problems = checks.flatMap((check) => check() ?? [])
  return problems.length === 0
    ? { ok: true, text: 'ok\n' }
    : { ok: false, text: problems.map((problem) => `${problem}\n`).join('') }
}
