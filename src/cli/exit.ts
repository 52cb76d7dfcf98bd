import type { Finding, FindingCode } from '../doctor/finding.ts'

/** What a shell is told. Problems of a mesh and mistakes on the command line must not look alike. */
export const EXIT = { fine: 0, failed: 1, problems: 2, usage: 64 } as const

/** The command line, or what it names, cannot be used; the message says what may be written. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something was not looked at, so that nobody knows whether it is fine. */
const UNSEEN: readonly FindingCode[] = ['RightMissing', 'QuestionFailed']

/** The exit code of a command that looks for something wrong; other warnings count only where they are asked to. */
export function exitFor(findings: readonly Finding[], strict: boolean): number {
  if (findings.some(({ severity }) => severity === 'problem')) return EXIT.problems
  const unseen = findings.some(({ code }) => UNSEEN.includes(code))
  return unseen || (strict && findings.length > 0) ? EXIT.failed : EXIT.fine
}
