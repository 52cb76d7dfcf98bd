import type { Finding } from '../doctor/finding.ts'

/** What a shell is told. Problems of a mesh and mistakes on the command line must not look alike. */
export const EXIT = { fine: 0, failed: 1, problems: 2, usage: 64 } as const

/** The command line, or what it names, cannot be used; the message says what may be written. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The exit code of a command that looks for something wrong; warnings count only where they are asked to. */
export function exitFor(findings: readonly Finding[], strict: boolean): number {
  if (findings.some(({ severity }) => severity === 'problem')) return EXIT.problems
  return strict && findings.length > 0 ? EXIT.failed : EXIT.fine
}
