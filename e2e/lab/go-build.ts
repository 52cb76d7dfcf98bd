import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureFolder } from './cached-folder.ts'
import type { LabEnvironment } from './environment.ts'
import { moduleFolder } from './go-cache.ts'
import type { GoBinary, GoModule, ModuleFiles } from './go-modules.ts'

/** Hears of every binary: returns the function to call when it is built. */
export type BuildObserver = (binary: string) => () => void

export interface BuildContext {
  readonly environment: LabEnvironment
  readonly started: BuildObserver
  /** Called when another process is building the same module. */
  readonly waiting: (module: string) => void
}

/** Builds a module into the cache unless it is there, and returns its folder (`bin/` and, where the module has them, copied files). */
export async function ensureModule(module: GoModule, context: BuildContext): Promise<string> {
  const folder = await moduleFolder(module, context.environment)
  const fill = (partial: string): Promise<void> => buildInto(module, partial, context)
  await ensureFolder(folder, { fill, waiting: () => context.waiting(module.name) })
  return folder
}

async function buildInto(module: GoModule, partial: string, context: BuildContext): Promise<void> {
  for (const binary of module.binaries) {
    const done = context.started(binary.name)
    await buildBinary(module, binary, join(partial, 'bin', binary.name), context.environment)
    done()
  }
  if (module.files !== undefined) await copyFiles(module, module.files, partial, context.environment)
}

async function buildBinary(
  module: GoModule,
  binary: GoBinary,
  output: string,
  environment: LabEnvironment,
): Promise<void> {
  const variables = (binary.variables ?? []).map((variable) => ` -X ${variable}`).join('')
  const verb = binary.from === 'test' ? ['test', '-c'] : ['build']
  const tags = binary.tags === undefined ? [] : ['-tags', binary.tags.join(',')]
  const args = [...verb, ...tags, '-ldflags', `-s -w${variables}`, '-o', output, binary.package]
  const child = spawn('go', args, { cwd: module.folder, env: environment.go, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const listen = (chunk: string): void => {
    said = (said + chunk).slice(-20_000)
  }
  child.stdout.setEncoding('utf8').on('data', listen)
  child.stderr.setEncoding('utf8').on('data', listen)
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`Building ${binary.name} failed (go ended with ${code}); it said:\n${said}`)
}

async function copyFiles(
  module: GoModule,
  files: ModuleFiles,
  target: string,
  environment: LabEnvironment,
): Promise<void> {
  const args = ['list', '-m', '-f', '{{.Dir}}', files.module]
  const { stdout } = await promisify(execFile)('go', args, { cwd: module.folder, env: environment.go })
  const source = join(stdout.trim(), files.folder)
  await mkdir(join(target, files.to), { recursive: true })
  const names = (await readdir(source)).filter((name) => files.pattern.test(name))
  if (names.length === 0) throw new Error(`${files.module} has no ${files.folder}: its layout has changed.`)
  for (const name of names) await cp(join(source, name), join(target, files.to, name))
}
