import { join } from 'node:path'
import type { LabEnvironment } from '../lab/environment.ts'
import { ensureModule } from '../lab/go-build.ts'
import type { GoModule } from '../lab/go-modules.ts'
import type { Progress } from '../lab/progress.ts'

/** cert-manager's conformance suites, compiled into one test binary. */
export const CONFORMANCE: GoModule = {
  name: 'conformance',
  folder: import.meta.dirname,
  binaries: [{ name: 'conformance', from: 'test', package: '.' }],
}

/** Builds the suites unless the cache has them, and returns the path of the binary. */
export async function conformanceBinary(environment: LabEnvironment, progress: Progress): Promise<string> {
  const folder = await ensureModule(CONFORMANCE, {
    environment,
    started: progress.start,
    waiting: (name) => progress.say(`Another process is building ${name}; waiting for it.`),
  })
  return join(folder, 'bin', 'conformance')
}
