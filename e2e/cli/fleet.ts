import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { nothingSecret, secretsNow } from '../harness/printed.ts'
import type { ControlPlane } from '../lab/control-plane.ts'
import type { UserKey } from '../lab/users.ts'
import type { Workspace } from '../lab/workspace.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/** What a finished command left. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface CommandLine {
  /** Runs `mesh-ca` with these arguments, as a person would. */
  readonly run: (...args: readonly string[]) => Promise<Ran>
  /** Everything that was printed so far. */
  readonly said: () => string
  /** File. */
  readonly kubeconfig: string
}

/**
 * A command line whose kubeconfig has a context for each cluster (its name), and one for each further user of it. The
 * workspace does not stop well where a command printed a secret.
 */
export async function commandLine(
  workspace: Workspace,
  clusters: readonly ControlPlane[],
  users: readonly UserKey[] = [],
): Promise<CommandLine> {
  const file = join(workspace.folder, 'fleet.kubeconfig')
  const contexts = clusters.flatMap((cluster) => [
    { name: cluster.name, cluster, user: 'admin' as const },
    ...users.map((user) => ({ name: `${cluster.name}-${user}`, cluster, user })),
  ])
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.name ?? '',
    clusters: clusters.map(({ name, server, caPem }) => ({
      name,
      cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
    })),
    users: contexts.map(({ name, cluster, user }) => ({ name, user: { token: cluster.users[user].token } })),
    contexts: contexts.map(({ name, cluster }) => ({ name, context: { cluster: cluster.name, user: name } })),
  }
  await writeFile(file, stringify(config), { mode: 0o600 })
  const env = { ...workspace.environment, KUBECONFIG: file }
  const printed: string[] = []
  const run: CommandLine['run'] = (...args) =>
    new Promise((resolve) => {
      execFile(process.execPath, [MAIN, ...args], { env }, (error, out, err) => {
        printed.push(out, err)
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err })
      })
    })
  workspace.defer(async () => {
    const secrets = await Promise.all(clusters.map(secretsNow))
    nothingSecret('mesh-ca', printed.join('\n'), secrets.flat())
  })
  return { run, said: () => printed.join('\n'), kubeconfig: file }
}
