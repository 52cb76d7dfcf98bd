import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { type AuditedCall, enableAudit, readAudit } from './openbao-audit.ts'
import { type OpenBaoFiles, type OpenBaoStorage, writeOpenBaoFiles } from './openbao-files.ts'
import { type BaoCall, type BaoServer, callBao } from './openbao-http.ts'
import { type Authority, createAuthority } from './pki.ts'
import { freePorts } from './ports.ts'
import { type Program, startProgram } from './process.ts'
import { vaultMaker } from './vault-maker.ts'
import { installedProgram } from './wheel-install.ts'
import { OPENBAO } from './wheels.ts'
import type { Workspace } from './workspace.ts'

const READY_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 20

export interface OpenBaoOptions {
  /** Name of its folder and log; needed when one workspace has two servers. Default `openbao`. */
  readonly name?: string
  /** `memory` forgets everything at a stop. Default `disk`. */
  readonly storage?: OpenBaoStorage
  /** Whether each call is noted in a log, which `audit` reads. Default true. */
  readonly audited?: boolean
}

/** A running server with TLS, initialised and unsealed; what it is told is kept in its folder. */
export interface OpenBao extends BaoServer {
  /** As `address`, on a port that asks for a client certificate below `authority`. */
  readonly mutualAddress: string
  /** Signs the server's certificate and those of its clients. */
  readonly authority: Authority
  readonly caFile: string
  /** The program `bao` or `vault`, which is its command line too. */
  readonly command: string
  readonly rootToken: string
  readonly program: () => Program
  /** One call with the root token; throws BaoError on a refusal. */
  readonly admin: <T>(method: BaoCall['method'], path: string, body?: object) => Promise<T>
  /** All calls that it has answered. */
  readonly audit: () => Promise<readonly AuditedCall[]>
  readonly seal: () => Promise<void>
  readonly unseal: () => Promise<void>
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
  /** Starts it again on the same ports, with what it had kept, and unseals it. */
  readonly start: () => Promise<void>
}

interface Secrets {
  readonly keys_base64: readonly string[]
  readonly root_token: string
}

/** Starts OpenBao, or the Vault of MESH_CA_LAB_VAULT, on free loopback ports; it ends with its workspace. */
export async function startOpenBao(workspace: Workspace, options: OpenBaoOptions = {}): Promise<OpenBao> {
  const { name = 'openbao', storage = 'disk', audited = true } = options
  const authority = await createAuthority({ commonName: `lab ${name}` })
  const maker = vaultMaker(workspace.settings)
  const files = await prepare(workspace, name)
  await writeOpenBaoFiles(files, { maker, storage, audited }, authority)
  const server: BaoServer = { address: `https://127.0.0.1:${files.port}`, caPem: authority.certificatePem }
  const command = workspace.settings.vault ?? (await installedProgram(OPENBAO, workspace.settings))
  let current = await run()
  const { keys_base64, root_token } = await callBao<Secrets>(server, {
    method: 'PUT',
    path: 'sys/init',
    body: { secret_shares: 1, secret_threshold: 1 },
  })
  await unseal()
  if (audited && maker === 'HashiCorp') await enableAudit(server, root_token, files.auditLog)
  const admin: OpenBao['admin'] = (method, path, body) =>
    callBao(server, { method, path, token: root_token, ...(body === undefined ? {} : { body }) })

  async function run(): Promise<Program> {
    const args = ['server', `-config=${files.configuration}`]
    const program = await startProgram(workspace, { name, command, args, endWith: 'SIGKILL' })
    // It answers this while it is sealed and before it is initialised, too.
    const path = 'sys/health?sealedcode=200&uninitcode=200&standbycode=200'
    await program.whileRunning(answers(server, path, program.ended))
    return program
  }
  async function unseal(): Promise<void> {
    await callBao(server, { method: 'PUT', path: 'sys/unseal', body: { key: keys_base64[0] } })
    await current.whileRunning(answers(server, 'sys/health', current.ended))
  }
  return {
    ...server,
    mutualAddress: `https://127.0.0.1:${files.mutualPort}`,
    authority,
    caFile: files.caFile,
    command,
    rootToken: root_token,
    program: () => current,
    admin,
    audit: () => readAudit(files.auditLog),
    seal: () => admin('PUT', 'sys/seal'),
    unseal,
    stop: (signal) => current.stop(signal),
    start: async () => {
      if (!current.running()) current = await run()
      await unseal()
    },
  }
}

async function prepare(workspace: Workspace, name: string): Promise<OpenBaoFiles> {
  const folder = await workspace.subfolder(name)
  await workspace.subfolder(join(name, 'data'))
  const [port = 0, mutualPort = 0, clusterPort = 0] = await freePorts(3)
  return {
    folder,
    port,
    mutualPort,
    clusterPort,
    configuration: join(folder, 'server.hcl'),
    caFile: join(folder, 'ca.crt'),
    auditLog: join(folder, 'audit.log'),
  }
}

async function answers(server: BaoServer, path: string, signal: AbortSignal): Promise<void> {
  const attempts = { what: 'An answer of OpenBao', withinMs: READY_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal }
  await eventually(attempts, () =>
    callBao(server, { method: 'GET', path }).then(
      () => true,
      () => undefined,
    ),
  )
}
