import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { builtModule } from '../lab/go-cache.ts'
import { HELM } from '../lab/go-modules.ts'
import { parseObjects } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import type { Workspace } from '../lab/workspace.ts'

export const CHART = join(import.meta.dirname, '..', '..', 'charts', 'mesh-ca-issuer')

/** Values as in values.yaml, in part. */
export type Values = Readonly<Record<string, unknown>>

/** Real Helm, with a home of its own. */
export interface Helm {
  /** Its standard output. */
  readonly run: (...args: readonly string[]) => Promise<string>
  /** What it says when it refuses; it is a failure when it does not. */
  readonly refusal: (...args: readonly string[]) => Promise<string>
  /** The objects of `helm template` for a release mesh-ca-issuer in the namespace of that name. */
  readonly template: (values?: Values) => Promise<readonly KubeObject[]>
}

/** @param kubeconfig file; what only renders needs none */
export async function openHelm(workspace: Workspace, kubeconfig?: string): Promise<Helm> {
  const helm = join(await builtModule(HELM, workspace.settings), 'bin', 'helm')
  const env = { ...workspace.environment, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) }
  const run = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(helm, args, { env, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  }
  return {
    run,
    refusal: (...args) =>
      run(...args).then(
        () => Promise.reject(new Error(`helm ${args.join(' ')} was not refused.`)),
        (error: unknown) => saidBy(error),
      ),
    template: async (values = {}) =>
      parseObjects(await run('template', 'mesh-ca-issuer', CHART, '-n', 'mesh-ca-issuer', ...given(values))),
  }
}

/** Arguments for values. */
export function given(values: Values): readonly string[] {
  return Object.entries(values).map(([name, value]) => `--set-json=${name}=${JSON.stringify(value)}`)
}

function saidBy(error: unknown): string {
  if (error instanceof Error && 'stderr' in error) return String(error.stderr)
  throw error
}
