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
  /** Variables from there. */
  readonly environment: Readonly<Record<string, string>>
}

/** Builds what is shipped, with the compile cache that the image has (Dockerfile), in a folder beside it. */
export async function buildBundle(): Promise<Bundle> {
  const run = promisify(execFile)
  await run(process.execPath, [join(ROOT, 'config', 'build.ts')], { cwd: ROOT })
  const [first = ''] = (await readFile(BUNDLE, 'utf8')).split('\n', 1)
  const { nodeFlags, environment } = readFirstLine(first)
  const cached = { ...environment, NODE_COMPILE_CACHE: join(ROOT, 'dist', 'cache') }
  await run(process.execPath, [...nodeFlags, BUNDLE, 'controller', '--help'], { env: { ...process.env, ...cached } })
  return { file: BUNDLE, nodeFlags, environment: cached }
}

/** Reads a line such as `#!/usr/bin/env -S NAME=value node --flag`. */
export function readFirstLine(line: string): Pick<Bundle, 'nodeFlags' | 'environment'> {
  const words = line.split(' ')
  const variables = words.map((word) => /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(word)).filter((found) => found !== null)
  return {
    nodeFlags: words.filter((word) => word.startsWith('--')),
    environment: Object.fromEntries(variables.map(([, name, value]) => [name, value])),
  }
}

/** Starts the controller with its defaults, leader election included; `args` are added to its own. */
export async function startBundle(
  controlPlane: ControlPlane,
  bundle: Bundle,
  ...args: readonly string[]
): Promise<Program> {
  const { file, nodeFlags, environment } = bundle
  return startProgram(controlPlane.workspace, {
    name: 'mesh-ca',
    command: process.execPath,
    args: [...nodeFlags, file, 'controller', `--http-addr=127.0.0.1:${await freePort()}`, '--status-addr=', ...args],
    environment: { ...environment, KUBECONFIG: controlPlane.kubeconfig('mesh-ca-issuer') },
  })
}
