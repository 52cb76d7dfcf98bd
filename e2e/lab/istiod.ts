import { join } from 'node:path'
import { answersOk } from './api-server.ts'
import type { ControlPlane } from './control-plane.ts'
import { eventually } from './eventually.ts'
import { builtModule } from './go-cache.ts'
import { ISTIO } from './go-modules.ts'
import { istiodRbac } from './istiod-rbac.ts'
import { freePorts } from './ports.ts'
import { type Program, startProgram } from './process.ts'

export interface IstiodOptions {
  /** Folder with the keys of Secret `cacerts`, as a projector writes them. */
  readonly cacertsFolder: string
  /** ISTIO_MULTIROOT_MESH; Istio's default is off. */
  readonly multiRoot?: boolean
  /** Distinguishes several istiods of one control plane. Default `istiod`. */
  readonly name?: string
  /** More variables of istiod. */
  readonly environment?: Readonly<Record<string, string>>
}

/** A running istiod (pilot-discovery). */
export interface Istiod {
  readonly program: Program
  /** `127.0.0.1:port` of the TLS port with the certificate service. */
  readonly secureAddress: string
  readonly httpPort: number
  readonly monitoringPort: number
  /** Waits until /ready answers 200; rejects with the log's end when istiod ends first. */
  readonly waitReady: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Line that istiod logs when it has taken a changed `cacerts`; it is logged too when nothing differed. */
export const RELOADED = /Istiod has detected the newly added intermediate CA/

const READY_WITHIN_MS = 60_000

/** Installs istiod's rights and starts it with the CA in `cacertsFolder`; readiness is waited for separately. */
export async function startIstiod(controlPlane: ControlPlane, options: IstiodOptions): Promise<Istiod> {
  const { workspace } = controlPlane
  const { name = 'istiod', multiRoot = false } = options
  const command = join(await builtModule(ISTIO, workspace.settings), 'bin', 'pilot-discovery')
  for (const object of istiodRbac()) await controlPlane.admin.apply(object)
  const workingFolder = await workspace.subfolder(`${controlPlane.name}/${name}`)
  const [http = 0, grpc = 0, secure = 0, https = 0, monitoring = 0] = await freePorts(5)
  const program = await startProgram(workspace, {
    name: `${controlPlane.name}-${name}`,
    command,
    workingFolder,
    args: [
      'discovery',
      `--kubeconfig=${controlPlane.kubeconfig('istiod')}`,
      `--httpAddr=127.0.0.1:${http}`,
      `--grpcAddr=127.0.0.1:${grpc}`,
      `--secureGRPCAddr=127.0.0.1:${secure}`,
      `--httpsAddr=127.0.0.1:${https}`,
      `--monitoringAddr=127.0.0.1:${monitoring}`,
      '--ctrlz_port=0',
    ],
    environment: {
      ROOT_CA_DIR: options.cacertsFolder,
      POD_NAMESPACE: 'istio-system',
      POD_NAME: `${name}-0`,
      ISTIO_MULTIROOT_MESH: String(multiRoot),
      ...options.environment,
    },
  })
  const url = `http://127.0.0.1:${http}/ready`
  const ready = (): Promise<true> =>
    eventually({ what: 'A ready istiod', withinMs: READY_WITHIN_MS, everyMs: 50, signal: program.ended }, async () =>
      (await answersOk(url)) ? true : undefined,
    )
  return {
    program,
    secureAddress: `127.0.0.1:${secure}`,
    httpPort: http,
    monitoringPort: monitoring,
    waitReady: async () => {
      await program.whileRunning(ready())
    },
    stop: () => program.stop(),
  }
}
