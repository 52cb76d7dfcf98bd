import { readEnvironment } from './environment.ts'
import { ensureModule } from './go-build.ts'
import { exists, moduleFolder } from './go-cache.ts'
import { CONTROL_PLANE, type GoModule, LAB_MODULES } from './go-modules.ts'
import { showProgress } from './progress.ts'

const environment = readEnvironment()
const wanted = LAB_MODULES.filter((module) => !(module === CONTROL_PLANE && environment.assets !== undefined))

async function missingOf(modules: readonly GoModule[]): Promise<readonly GoModule[]> {
  const found = await Promise.all(
    modules.map(async (module) => ({ module, built: await exists(await moduleFolder(module, environment)) })),
  )
  return found.filter(({ built }) => !built).map(({ module }) => module)
}

async function buildLab(): Promise<void> {
  const missing = await missingOf(wanted)
  const total = missing.reduce((sum, module) => sum + module.binaries.length, 0)
  const progress = showProgress(process.stdout, 'Building the lab,', total)
  if (total > 0) {
    progress.say(
      `The lab's ${total} programs are compiled once from source, about ten minutes on two cores, and kept in ${environment.cacheFolder}.`,
    )
  }
  for (const module of missing) {
    await ensureModule(module, {
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
