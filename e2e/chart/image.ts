import { execFile } from 'node:child_process'
import { chmod, chown, cp, mkdir, readFile, rename, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Workspace } from '../lab/workspace.ts'
import { CHART } from './helm.ts'

const ROOT = join(CHART, '..', '..')
/** User and group of the image. */
export const IMAGE_USER = 65532
/** Folders that the build stage makes at its root. */
const OF_STAGE = /(?<![\w.])\/(build|image|app)\b/g

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** A file system and the variables that go with it. */
export interface Image {
  readonly root: string
  readonly environment: Readonly<Record<string, string>>
}

interface Stage {
  /** Stands for `/`. */
  readonly root: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Does what the Dockerfile says without a container engine. The dependencies
 * are those that are installed here; all else is done as it is written, with folders of the workspace for those of the stage.
 */
export async function buildImage(workspace: Workspace): Promise<Image> {
  const [first = [], last = []] = stagesOf(await readFile(join(ROOT, 'Dockerfile'), 'utf8'))
  const PATH = `${dirname(process.execPath)}:${workspace.environment.PATH}`
  const stage = { root: await workspace.subfolder('stage'), environment: { ...workspace.environment, PATH } }
  for (const instruction of first) await doInstruction(stage, instruction)
  const root = await workspace.subfolder('image')
  for (const { name, rest } of last) if (name === 'COPY') await copyFromStage(stage, rest, root)
  // Whoever is not root owns what they make, and runs it.
  if (process.getuid?.() === 0) await chown(join(root, 'app', 'cache'), IMAGE_USER, IMAGE_USER)
  await mkdir(join(root, 'usr', 'local', 'bin'), { recursive: true })
  await rename(join(root, process.execPath), join(root, 'usr', 'local', 'bin', 'node'))
  const variables = last.flatMap(({ name, rest }) => (name === 'ENV' ? rest.split(/ +/) : []))
  return { root, environment: Object.fromEntries(variables.map((variable) => variable.split('=', 2))) }
}

/** The instructions of each stage. */
function stagesOf(dockerfile: string): readonly (readonly Instruction[])[] {
  const lines = dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', '')
    .split('\n')
  const instructions = lines.flatMap((line): readonly Instruction[] => {
    const [, name, rest] = /^([A-Z]+) +(.+)$/.exec(line) ?? []
    return name === undefined || rest === undefined ? [] : [{ name, rest }]
  })
  const starts = instructions.flatMap(({ name }, at) => (name === 'FROM' ? [at] : []))
  return starts.map((start, at) => instructions.slice(start + 1, starts[at + 1]))
}

async function doInstruction(stage: Stage, { name, rest }: Instruction): Promise<void> {
  const folder = join(stage.root, 'build')
  if (name === 'WORKDIR') await mkdir(folder, { recursive: true })
  if (name === 'COPY') await copyFromContext(rest.split(/ +/), folder)
  if (name !== 'RUN') return
  if (rest === 'npm ci --ignore-scripts') return symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const script = rest
    .replaceAll('/usr/local/bin/node', process.execPath)
    .replaceAll(OF_STAGE, `${stage.root}/$1`)
    .replaceAll(/ -[og] 65532/g, '')
  await promisify(execFile)('sh', ['-c', script], { cwd: folder, env: stage.environment })
}

async function copyFromContext(words: readonly string[], folder: string): Promise<void> {
  const context = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
  const target = words.at(-1) ?? '.'
  for (const source of words.slice(0, -1)) {
    if (!context.includes(`!${source}`)) throw new Error(`.dockerignore keeps ${source} out of the build.`)
    const name = target === './' ? basename(source) : target
    await cp(join(ROOT, source), join(folder, name), { recursive: true })
  }
}

async function copyFromStage({ root }: Stage, rest: string, image: string): Promise<void> {
  const [source = '', target = ''] = rest.split(/ +/).filter((word) => !word.startsWith('--'))
  await cp(join(root, source), join(image, target), { recursive: true, dereference: true })
  await chmod(image, 0o755)
}
