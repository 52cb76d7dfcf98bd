import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type LabEnvironment, readEnvironment } from './environment.ts'
import { type Janitor, startJanitor } from './janitor.ts'

/** The folder of one lab, with everything that must be stopped before it goes. */
export interface Workspace {
  readonly folder: string
  readonly logs: string
  readonly janitor: Janitor
  readonly settings: LabEnvironment
  /** The whole environment that a started program gets by default: no proxy, no KUBECONFIG, nothing else of the caller's. */
  readonly environment: Readonly<Record<string, string>>
  /** A fresh sub-folder. */
  readonly subfolder: (name: string) => Promise<string>
  /** Whether `stop` was called; nothing may be started any more. */
  readonly stopping: () => boolean
  /** Registers something to stop; stopped in reverse order. Stopping twice must be harmless. */
  readonly defer: (stop: () => Promise<void>) => void
  /** Stops everything and removes the folder. Later calls wait for the first. */
  readonly stop: () => Promise<void>
}

/** Makes an empty workspace below the temporary folder; `name` is part of its name. */
export async function openWorkspace(name: string): Promise<Workspace> {
  const settings = readEnvironment()
  const folder = await mkdtemp(join(settings.temporaryFolder, `mesh-ca-lab-${name}-`))
  const janitor = startJanitor(settings.path)
  if (!settings.keep) janitor.guardFolder(folder)
  const subfolder = async (part: string): Promise<string> => {
    await mkdir(join(folder, part), { recursive: true })
    return join(folder, part)
  }
  const logs = await subfolder('logs')
  const home = await subfolder('home')
  const deferred: (() => Promise<void>)[] = []
  const stopAll = async (): Promise<void> => {
    const failures = await stopInReverse(deferred)
    if (!settings.keep) await rm(folder, { recursive: true, force: true })
    janitor.dismiss()
    if (failures.length > 0) throw new AggregateError(failures, 'The lab did not stop cleanly.')
  }
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= stopAll()
    return stopped
  }
  const environment = { PATH: settings.path, HOME: home, TMPDIR: folder }
  return {
    folder,
    logs,
    janitor,
    settings,
    environment,
    subfolder,
    stopping: () => stopped !== undefined,
    defer: (one) => deferred.push(one),
    stop,
  }
}

async function stopInReverse(deferred: (() => Promise<void>)[]): Promise<readonly unknown[]> {
  const failures: unknown[] = []
  for (let one = deferred.pop(); one !== undefined; one = deferred.pop()) {
    await one().catch((error: unknown) => failures.push(error))
  }
  return failures
}
