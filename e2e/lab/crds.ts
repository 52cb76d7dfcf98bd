import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import type { Kube } from './kube.ts'
import { type Conditioned, isTrue, type KubeObject } from './kube-objects.ts'
import { collectionPath, referenceTo } from './kube-paths.ts'

interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
}

/** Applies every YAML file of a folder, which hold CustomResourceDefinitions, and waits until their objects are served. */
export async function installCrds(kube: Kube, folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  if (files.length === 0) throw new Error(`There is no CustomResourceDefinition in ${folder}.`)
  const applied = await Promise.all(files.map((file) => kube.applyFile(join(folder, file))))
  await Promise.all(
    applied
      .flat()
      .filter(isDefinition)
      .map((definition) => served(kube, definition)),
  )
}

async function served(kube: Kube, definition: CustomResourceDefinition): Promise<void> {
  await kube.waitFor<Conditioned>(referenceTo(definition), (crd) => isTrue(crd, 'Established'))
  const { group, names, versions } = definition.spec
  for (const version of versions.filter((one) => one.served)) {
    // Established is written a moment before the handler knows, and nothing tells when it does.
    const path = collectionPath({ apiVersion: `${group}/${version.name}`, kind: names.kind })
    await eventually({ what: `Serving ${names.kind} objects`, withinMs: 20_000, everyMs: 50 }, () =>
      kube.call({ method: 'GET', path, query: { limit: '1' } }).catch(() => undefined),
    )
  }
}

function isDefinition(object: KubeObject): object is CustomResourceDefinition {
  return object.kind === 'CustomResourceDefinition' && 'spec' in object
}
