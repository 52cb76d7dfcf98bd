import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withLock } from './lock.ts'

/** How a folder of the cache is filled. */
export interface Filling {
  /** Fills an empty folder, which is then renamed. */
  readonly fill: (partial: string) => Promise<void>
  /** Called when another process is filling the same folder. */
  readonly waiting: () => void
}

/**
 * Fills a folder of the cache unless it is there. It appears by one rename, so it is complete whenever it exists; one
 * process at a time works on it.
 */
export async function ensureFolder(folder: string, { fill, waiting }: Filling): Promise<void> {
  if (await exists(folder)) return
  await mkdir(dirname(folder), { recursive: true })
  const work = async (): Promise<void> => {
    if (!(await exists(folder))) await fillOnce(folder, fill)
  }
  await withLock(`${folder}.lock`, work, waiting)
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function fillOnce(folder: string, fill: Filling['fill']): Promise<void> {
  await removeLeftovers(folder)
  const partial = await mkdtemp(`${folder}.partial-`)
  try {
    await fill(partial)
    await rename(partial, folder)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    // Whoever took over a lock which only seemed stale may have been faster; the result is the same.
    if (!(await exists(folder))) throw error
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  const parent = dirname(folder)
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${basename(folder)}.partial-`)) await rm(join(parent, name), { recursive: true, force: true })
  }
}
