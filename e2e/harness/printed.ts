import { readFile } from 'node:fs/promises'
import type { ControlPlane } from '../lab/control-plane.ts'
import type { Program } from '../lab/process.ts'
import { leaksIn, secretsOf } from './secrets.ts'

/**
 * Ends a program and looks through everything that it ever printed.
 * @throws Error where a secret of its cluster is in it, or what looks like one
 */
export async function endWithoutSecrets(program: Program, controlPlane: ControlPlane): Promise<void> {
  const secrets = await secretsNow(controlPlane)
  await program.stop()
  const { file, text } = program.log
  // What is kept has an end, and the file may lack its last lines still.
  nothingSecret(program.name, `${await readFile(file, 'utf8')}\n${text()}`, secrets)
}

/** @throws Error that names the beginnings of what was found */
export function nothingSecret(who: string, text: string, secrets: readonly string[]): void {
  const found = leaksIn(text, secrets).map((piece) => `${piece.slice(0, 6)}…`)
  if (found.length > 0) throw new Error(`${who} printed secrets, or what looks like them: ${found.join(', ')}.`)
}

/** Where the API server was stopped for good, the tokens of its users are left, and how a secret looks. */
export function secretsNow(controlPlane: ControlPlane): Promise<readonly string[]> {
  const { users } = controlPlane
  return secretsOf(controlPlane).catch(() => Object.values(users).map(({ token }) => token))
}
