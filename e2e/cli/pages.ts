import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { controlPlaneBinaries } from '../lab/control-plane.ts'
import type { Workspace } from '../lab/workspace.ts'
import type { Ran } from './fleet.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export interface Block {
  /** `sh` is run, `yaml` is applied, `console` needs what the lab has not; others are output. */
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a page of docs. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8')
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    text: body,
  }))
}

/** The texts of the blocks of one language. */
export function textsOf(page: string, language: string): readonly string[] {
  return blocksOf(page).flatMap((block) => (block.language === language ? [block.text] : []))
}

/** The commands of a page, a line each; a line that ends in `|` goes on. */
export function commandsOf(page: string): readonly string[] {
  return textsOf(page, 'sh').flatMap((text) =>
    text
      .replaceAll(/\|\n\s*/g, '| ')
      .trim()
      .split('\n'),
  )
}

export interface Reader {
  /** Where the commands are run. */
  readonly folder: string
  /** With another kubeconfig, where one is named. */
  readonly run: (command: string, kubeconfig?: string) => Promise<Ran>
}

/** A shell with `mesh-ca` and `kubectl`, and a kubeconfig. */
export async function readerOf(workspace: Workspace, kubeconfig: string): Promise<Reader> {
  const [folder, bin] = [await workspace.subfolder('reader'), await workspace.subfolder('reader-bin')]
  const program = join(bin, 'mesh-ca')
  await writeFile(program, `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'src', 'main.ts')} "$@"\n`)
  await chmod(program, 0o755)
  await symlink(join(await controlPlaneBinaries(workspace), 'kubectl'), join(bin, 'kubectl'))
  const { environment } = workspace
  const run: Reader['run'] = (command, KUBECONFIG = kubeconfig) =>
    new Promise((resolve) => {
      const env = { ...environment, PATH: `${bin}:${environment.PATH}`, KUBECONFIG }
      execFile('bash', ['-eo', 'pipefail', '-c', command], { cwd: folder, env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err })
      })
    })
  return { folder, run }
}
