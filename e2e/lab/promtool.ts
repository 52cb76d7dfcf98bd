import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { builtModule } from './go-cache.ts'
import { PROMETHEUS } from './go-modules.ts'
import type { Workspace } from './workspace.ts'

export interface Said {
  readonly code: number | string | null | undefined
  /** On both outputs. */
  readonly text: string
}

/** Runs Prometheus's own promtool with these arguments, and gives it what it reads. */
export type Promtool = (args: readonly string[], input?: string) => Promise<Said>

export async function openPromtool({ settings, environment }: Workspace): Promise<Promtool> {
  const command = join(await builtModule(PROMETHEUS, settings), 'bin', 'promtool')
  return (args, input = '') =>
    new Promise((resolve) => {
      const child = execFile(command, args, { env: environment }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, text: `${stdout}${stderr}` }),
      )
      child.stdin?.end(input)
    })
}
