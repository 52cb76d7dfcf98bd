import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ApiServerFiles, answersOk, apiServerArguments, etcdArguments, writeApiServerFiles } from './api-server.ts'
import { eventually } from './eventually.ts'
import { builtModule } from './go-cache.ts'
import { CONTROL_PLANE } from './go-modules.ts'
import { type Kube, openKube } from './kube.ts'
import { type Cluster, kubeconfig } from './kubeconfig.ts'
import { createAuthority } from './pki.ts'
import { freePorts } from './ports.ts'
import { type Program, startProgram } from './process.ts'
import { createUsers, type LabUser, type UserKey } from './users.ts'
import type { Workspace } from './workspace.ts'

const READY_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 50

export interface ControlPlaneOptions {
  /** Name of its folder and logs; needed when one workspace has two control planes. Default `cluster`. */
  readonly name?: string
  /** Write an audit log of every request (level Metadata) to `auditLog`. */
  readonly audit?: boolean
}

/** A running etcd and kube-apiserver with RBAC. */
export interface ControlPlane {
  readonly name: string
  readonly workspace: Workspace
  readonly server: string
  readonly caPem: string
  readonly users: Readonly<Record<UserKey, LabUser>>
  readonly auditLog: string | undefined
  /** Client of the cluster's administrator. */
  readonly admin: Kube
  readonly clusterOf: (user: UserKey) => Cluster
  /** A client of that user, closed with the workspace. */
  readonly kubeOf: (user: UserKey) => Kube
  /** Path of a kubeconfig file for that user. */
  readonly kubeconfig: (user: UserKey) => string
  readonly apiServerPid: () => number
  /** Stops the API server; etcd keeps running. */
  readonly stopApiServer: (signal?: NodeJS.Signals) => Promise<void>
  /** Starts it again on the same port, with the same data, and waits until it is ready. */
  readonly startApiServer: () => Promise<void>
  readonly restartApiServer: () => Promise<void>
  /** Stops etcd too, for good; otherwise both end with the workspace. */
  readonly stop: () => Promise<void>
}

/** Starts etcd and kube-apiserver on free loopback ports and waits until the API server is ready. */
export async function startControlPlane(
  workspace: Workspace,
  options: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const { name = 'cluster' } = options
  const folder = await workspace.subfolder(name)
  const users = createUsers()
  const authority = await createAuthority({ commonName: `lab ${name}` })
  const [port, etcdPort, peerPort] = await freePorts(3)
  if (port === undefined || etcdPort === undefined || peerPort === undefined) throw new Error('Found too few ports.')
  const auditLog = options.audit === true ? join(workspace.logs, `${name}-audit.log`) : undefined
  const files: ApiServerFiles = { port, etcdPort, folder, auditLog }
  await writeApiServerFiles(files, authority, Object.values(users))

  const server = `https://127.0.0.1:${port}`
  const clusterOf = (user: UserKey): Cluster => ({ server, caPem: authority.certificatePem, token: users[user].token })
  const kubeOf = (user: UserKey): Kube => {
    const kube = openKube(clusterOf(user))
    workspace.defer(kube.close)
    return kube
  }
  const kubeconfigFile = (user: UserKey): string => join(folder, `${user}.kubeconfig`)
  for (const user of userKeys(users)) {
    await writeFile(kubeconfigFile(user), kubeconfig(clusterOf(user), user), { mode: 0o600 })
  }
  const admin = kubeOf('admin')
  const runner = await startServers(workspace, { name, files, admin, peerPort })
  return {
    name,
    workspace,
    server,
    caPem: authority.certificatePem,
    users,
    auditLog,
    admin,
    clusterOf,
    kubeOf,
    kubeconfig: kubeconfigFile,
    ...runner,
  }
}

interface Servers {
  readonly name: string
  readonly files: ApiServerFiles
  readonly admin: Kube
  readonly peerPort: number
}

type Runner = Pick<ControlPlane, 'apiServerPid' | 'stopApiServer' | 'startApiServer' | 'restartApiServer' | 'stop'>

async function startServers(workspace: Workspace, { name, files, admin, peerPort }: Servers): Promise<Runner> {
  const bin = await controlPlaneBinaries(workspace)
  const data = await workspace.subfolder(`${name}/etcd`)
  const args = etcdArguments(data, files.etcdPort, peerPort)
  const etcd = await startProgram(workspace, {
    name: `${name}-etcd`,
    command: join(bin, 'etcd'),
    args,
    endWith: 'SIGKILL',
  })
  await etcd.whileRunning(answering(`http://127.0.0.1:${files.etcdPort}/health`, etcd.ended))

  let current = await startApiServer()
  async function startApiServer(): Promise<Program> {
    const program = await startProgram(workspace, {
      name: `${name}-kube-apiserver`,
      command: join(bin, 'kube-apiserver'),
      args: apiServerArguments(files),
      endWith: 'SIGKILL',
    })
    await program.whileRunning(ready(admin, program.ended))
    return program
  }
  const start = async (): Promise<void> => {
    if (!current.running()) current = await startApiServer()
  }
  // What the API server knows is in etcd, so the polite way only costs the seconds in which it waits for its clients.
  const stop = (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => current.stop(signal)
  return {
    apiServerPid: () => current.pid,
    stopApiServer: stop,
    startApiServer: start,
    restartApiServer: async () => {
      await stop()
      await start()
    },
    stop: async () => {
      await stop()
      await etcd.stop('SIGKILL')
    },
  }
}

/** Folder with etcd, kube-apiserver and kubectl: KUBEBUILDER_ASSETS, or what was built. */
export async function controlPlaneBinaries({ settings }: Workspace): Promise<string> {
  return settings.assets ?? join(await builtModule(CONTROL_PLANE, settings), 'bin')
}

async function answering(url: string, signal: AbortSignal): Promise<void> {
  const attempts = { what: `An answer of ${url}`, withinMs: READY_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal }
  await eventually(attempts, async () => ((await answersOk(url)) ? true : undefined))
}

async function ready(admin: Kube, signal: AbortSignal): Promise<void> {
  const attempts = { what: 'A ready API server', withinMs: READY_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal }
  await eventually(attempts, () => admin.call<string>({ method: 'GET', path: '/readyz' }).catch(() => undefined))
}

function userKeys(users: Readonly<Record<UserKey, LabUser>>): readonly UserKey[] {
  const isKey = (key: string): key is UserKey => key in users
  return Object.keys(users).filter(isKey)
}
