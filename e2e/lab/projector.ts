import { mkdir, mkdtemp, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Kube } from './kube.ts'
import type { Secret } from './kube-objects.ts'

const DATA = '..data'

/** Writes `payload` into `folder` as kubelet does: a fresh folder, then one atomic swap of the link `..data`. */
export async function project(folder: string, payload: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true })
  const previous = await readlink(join(folder, DATA)).catch(() => undefined)
  const fresh = await mkdtemp(join(folder, '..version-'))
  for (const [key, value] of payload) await writeFile(join(fresh, key), value)
  const swap = join(folder, '..data_tmp')
  await rm(swap, { force: true })
  await symlink(basename(fresh), swap)
  await rename(swap, join(folder, DATA))
  await linkKeys(folder, payload)
  if (previous !== undefined) await rm(join(folder, previous), { recursive: true, force: true })
}

// User-visible names point through ..data, so an update of existing keys never touches them.
async function linkKeys(folder: string, payload: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const present = (await readdir(folder)).filter((name) => !name.startsWith('..'))
  for (const key of payload.keys()) {
    if (!present.includes(key)) await symlink(join(DATA, key), join(folder, key))
  }
  for (const name of present) {
    if (!payload.has(name)) await rm(join(folder, name), { force: true })
  }
}

export interface ProjectorOptions {
  readonly namespace: string
  readonly name: string
  readonly folder: string
}

/** A running projection of one Secret. */
export interface Projector {
  /** Resolves when the Secret was written for the first time. */
  readonly first: Promise<void>
  /** Resolves when that resourceVersion, or a later one, has been written. */
  readonly synced: (resourceVersion: string) => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * Keeps the keys of a Secret in a folder, as kubelet would, but at once. As with an optional volume, the folder is
 * emptied when the Secret is deleted. Stop it before the API server, whose restarts it survives.
 */
export function projectSecret(kube: Kube, options: ProjectorOptions): Projector {
  const stopper = new AbortController()
  const waiters = new Set<{ readonly version: bigint; readonly resolve: () => void }>()
  let written: bigint | undefined
  const reached = (version: bigint): Promise<void> =>
    new Promise((resolve) => {
      if (written !== undefined && written >= version) resolve()
      else waiters.add({ version, resolve })
    })
  const done = (version: bigint): void => {
    written = version
    for (const waiter of waiters) {
      if (waiter.version > version) continue
      waiters.delete(waiter)
      waiter.resolve()
    }
  }
  const loop = async (): Promise<void> => {
    const reference = { apiVersion: 'v1', kind: 'Secret', namespace: options.namespace, name: options.name }
    for await (const secret of kube.follow<Secret>(reference, stopper.signal)) {
      if (secret === undefined && written === undefined) continue
      await project(options.folder, payloadOf(secret))
      if (secret?.metadata.resourceVersion !== undefined) done(BigInt(secret.metadata.resourceVersion))
    }
  }
  const running = loop()
  // A failure reaches whoever waits or stops; it must not end the process in between.
  running.catch(() => undefined)
  const orFailure = async (event: Promise<void>): Promise<void> => {
    await Promise.race([event, running.then(() => Promise.reject(new Error('The projector was stopped.')))])
  }
  const first = orFailure(reached(0n))
  first.catch(() => undefined)
  return {
    first,
    synced: (resourceVersion) => orFailure(reached(BigInt(resourceVersion))),
    stop: async () => {
      stopper.abort()
      await running
    },
  }
}

function payloadOf(secret: Secret | undefined): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
}
