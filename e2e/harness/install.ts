import { globSync } from 'node:fs'
import { join } from 'node:path'
import { readEnvironment } from '../lab/environment.ts'
import type { Kube } from '../lab/kube.ts'
import { isTrue } from '../lab/kube-objects.ts'

const CONFIG = join(import.meta.dirname, '..', '..', 'config')

/**
 * Applies what `config/crd` and `config/rbac` hold, as a user would, and waits until the API serves our kinds. Where the lab is
 * told of an installation, its manifest stands for `config/rbac`.
 */
export async function installMeshCA(kube: Kube, { crds = true }: { readonly crds?: boolean } = {}): Promise<void> {
  if (crds) await installCRDs(kube)
  const { installation } = readEnvironment()
  const files = installation === undefined ? yamlFiles('rbac') : [join(installation, 'manifest.yaml')]
  for (const file of files) await kube.applyFile(file)
}

/** Applies the CRDs alone. */
export async function installCRDs(kube: Kube): Promise<void> {
  for (const file of yamlFiles('crd')) {
    for (const { apiVersion, kind, metadata } of await kube.applyFile(file)) {
      await kube.waitFor({ apiVersion, kind, name: metadata.name }, (crd) => isTrue(crd, 'Established'))
    }
  }
}

function yamlFiles(folder: string): readonly string[] {
  return globSync('*.yaml', { cwd: join(CONFIG, folder) })
    .sort()
    .map((file) => join(CONFIG, folder, file))
}
