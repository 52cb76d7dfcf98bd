import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { exists } from './cached-folder.ts'
import type { LabEnvironment } from './environment.ts'
import type { GoModule } from './go-modules.ts'

const run = promisify(execFile)

/** The oldest Go that the pinned modules compile with. */
export const OLDEST_GO = '1.26'

/** Version of the Go that would build `module`, such as `go1.26.8`; refuses in one sentence when there is none. */
export async function goVersion(module: GoModule, environment: LabEnvironment): Promise<string> {
  const remedy = `install Go ${OLDEST_GO} or newer and put its bin folder on PATH`
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { cwd: module.folder, env: environment.go })
    const version = stdout.trim()
    if (isNewEnough(version)) return version
    throw new Error(`The lab is built with Go ${OLDEST_GO}, but this is ${version}: ${remedy}.`)
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      const missing = error.code === 'ENOENT'
      throw new Error(`The lab is built with Go, which is ${missing ? 'not installed' : 'too old'} here: ${remedy}.`)
    }
    throw error
  }
}

/** Whether a `goX.Y…` version is at least the oldest one; development versions count as new. */
export function isNewEnough(version: string): boolean {
  const found = /^go(\d+)\.(\d+)/.exec(version)
  if (found === null) return version.startsWith('devel')
  const [oldestMajor, oldestMinor] = OLDEST_GO.split('.').map(Number)
  const major = Number(found[1])
  if (major !== Number(oldestMajor)) return major > Number(oldestMajor)
  return Number(found[2]) >= Number(oldestMinor)
}

/** Folder of the built module in the cache: named after everything that the binaries are a function of. */
export async function moduleFolder(module: GoModule, environment: LabEnvironment): Promise<string> {
  const version = await goVersion(module, environment)
  const hash = createHash('sha256')
  const recipe = JSON.stringify([module.binaries, module.files?.folder, process.platform, process.arch, version])
  hash.update(`${recipe}\n`)
  for (const name of await sourcesOf(module.folder)) {
    const content = await readFile(join(module.folder, name))
    hash.update(`${name} ${content.length}\n`).update(content)
  }
  return join(environment.cacheFolder, `${module.name}-${hash.digest('hex').slice(0, 16)}`)
}

/** Folder of a module that has been built; refuses when it has not. */
export async function builtModule(module: GoModule, environment: LabEnvironment): Promise<string> {
  const folder = await moduleFolder(module, environment)
  if (await exists(folder)) return folder
  throw new Error(`The lab's ${module.name} is not built yet: run \`npm run setup\`.`)
}

async function sourcesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true })
  return entries.filter((name) => /(\.go|^go\.mod|^go\.sum)$/.test(name)).sort()
}
