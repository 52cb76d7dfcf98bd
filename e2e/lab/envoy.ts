import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { answersOk } from './api-server.ts'
import { askForSecrets, countHandshakes, type EnvoyCount } from './envoy-admin.ts'
import { callThroughEnvoy } from './envoy-call.ts'
import { type EnvoyFiles, envoyConfiguration, secretFiles } from './envoy-config.ts'
import { eventually } from './eventually.ts'
import type { Peer } from './handshake.ts'
import { freePorts } from './ports.ts'
import { type Program, startProgram } from './process.ts'
import { project } from './projector.ts'
import { installedProgram } from './wheel-install.ts'
import { ENVOY } from './wheels.ts'
import { presentedPem, type WorkloadIdentity } from './workload.ts'
import type { Workspace } from './workspace.ts'

/** Version of the secrets that it starts with. */
const FIRST = 1
const WITHIN_MS = 20_000
const LOOK_EVERY_MS = 10

export interface EnvoyOptions {
  /** Of its folder and log. */
  readonly name: string
  readonly identity: WorkloadIdentity
  /** SPIFFE URIs of the workloads that it may be called by and may call. */
  readonly peers: readonly string[]
}

/** A running Envoy, which is the sidecar of one workload. */
export interface Envoy extends Peer {
  readonly program: Program
  /** Gives the workload another certificate with its key and roots, as an agent does; resolves once Envoy uses them. */
  readonly take: (identity: WorkloadIdentity) => Promise<void>
  readonly count: () => Promise<EnvoyCount>
}

/** Starts Envoy on free loopback ports; it ends with its workspace. */
export async function startEnvoy(workspace: Workspace, options: EnvoyOptions): Promise<Envoy> {
  const { name, identity, peers } = options
  const files = await prepare(workspace, name)
  await give(files, identity, FIRST)
  await writeFile(files.configuration, JSON.stringify(envoyConfiguration(files, peers)))
  const args = ['-c', files.configuration, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning']
  const command = await installedProgram(ENVOY, workspace.settings)
  const program = await startProgram(workspace, { name, command, args })
  const admin = `http://127.0.0.1:${files.adminPort}`
  const until = (what: string, attempt: () => Promise<true | undefined>): Promise<true> =>
    program.whileRunning(
      eventually({ what, withinMs: WITHIN_MS, everyMs: LOOK_EVERY_MS, signal: program.ended }, attempt),
    )
  await until(`A ready ${name}`, async () => ((await answersOk(`${admin}/ready`)) ? true : undefined))
  let version = FIRST
  return {
    spiffeId: identity.spiffeId,
    program,
    serve: async () => ({ port: files.inboundPort, refusal: async () => undefined, close: () => undefined }),
    call: (port, callee) => callThroughEnvoy({ outboundPort: files.outboundPort, port, callee }),
    take: async (next) => {
      version += 1
      const { rejected } = await askForSecrets(admin)
      await give(files, next, version)
      await until(`${name} with another certificate`, async () => {
        const word = await askForSecrets(admin)
        if (word.rejected > rejected) throw new Error(`${name} would not have it:\n${program.log.tail()}`)
        return word.versions.every((one) => one === String(version)) ? true : undefined
      })
    },
    count: () => countHandshakes(admin),
  }
}

async function prepare(workspace: Workspace, name: string): Promise<EnvoyFiles> {
  const folder = await workspace.subfolder(name)
  const [adminPort = 0, inboundPort = 0, outboundPort = 0] = await freePorts(3)
  const secrets = await workspace.subfolder(join(name, 'secrets'))
  return { configuration: join(folder, 'envoy.json'), secrets, adminPort, inboundPort, outboundPort }
}

async function give({ secrets }: EnvoyFiles, identity: WorkloadIdentity, version: number): Promise<void> {
  const { keyPem, rootPem } = identity
  await project(secrets, secretFiles(String(version), { keyPem, rootPem, chainPem: presentedPem(identity) }))
}
