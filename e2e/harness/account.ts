import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from '../lab/control-plane.ts'
import { kubeconfig } from '../lab/kubeconfig.ts'

export interface Account {
  readonly namespace: string
  readonly name: string
}

/** A kubeconfig with a token of a ServiceAccount, as its pod would have it; the path of the file. */
export async function accountKubeconfig(
  { workspace, name: cluster, admin, clusterOf }: ControlPlane,
  { namespace, name }: Account,
): Promise<string> {
  const token = await admin.serviceAccountToken({ namespace, name, audiences: [] })
  const file = join(workspace.folder, `${cluster}-${namespace}-${name}.kubeconfig`)
  await writeFile(file, kubeconfig({ ...clusterOf('admin'), token }, name), { mode: 0o600 })
  return file
}
