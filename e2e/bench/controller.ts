import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ControlPlane } from '../lab/control-plane.ts'
import { freePort } from '../lab/ports.ts'
import { type Program, startProgram } from '../lab/process.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const BUNDLE = join(ROOT, 'dist', 'mesh-ca.cjs')

/** What is shipped, and how it is started there. */
export interface Bundle {
  readonly file: string
  /** Flags of the run time, from the bundle's first line. */
  readonly nodeFlags: readonly string[]
}

/** Builds what is shipped. */
export async function buildBundle(): Promise<Bundle> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'config', 'build.ts')], { cwd: ROOT })
  const [first = ''] = (await readFile(BUNDLE, 'utf8')).split('\n', 1)
  return { file: BUNDLE, nodeFlags: first.split(' ').filter((word) => word.startsWith('--')) }
}

/** Starts the controller with its defaults, leader election included. */
export async function startBundle(controlPlane: ControlPlane, { file, nodeFlags }: Bundle): Promise<Program> {
  return startProgram(controlPlane.workspace, {
    name: 'mesh-ca',
    command: process.execPath,
    args: [...nodeFlags, file, 'controller', `--http-addr=127.0.0.1:${await freePort()}`],
    environment: { KUBECONFIG: controlPlane.kubeconfig('mesh-ca-issuer') },
  })
}
