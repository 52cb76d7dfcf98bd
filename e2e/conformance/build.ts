import { readEnvironment } from '../lab/environment.ts'
import { showProgress } from '../lab/progress.ts'
import { conformanceBinary } from './go-module.ts'

const progress = showProgress(process.stdout, "Building cert-manager's conformance suites,", 1)
conformanceBinary(readEnvironment(), progress).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
