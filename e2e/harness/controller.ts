import { join } from 'node:path'
import { Client } from 'undici'
import type { ControlPlane } from '../lab/control-plane.ts'
import { eventually } from '../lab/eventually.ts'
import { freePort } from '../lab/ports.ts'
import { type Program, startProgram } from '../lab/process.ts'
import type { Workspace } from '../lab/workspace.ts'
import { accountKubeconfig } from './account.ts'
import { endWithoutSecrets } from './printed.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const READY_WITHIN_MS = 30_000

export interface ControllerOptions {
  /** Added to the arguments of `mesh-ca controller`. */
  readonly args?: readonly string[]
  /** Distinguishes several controllers of one control plane. */
  readonly name?: string
  /** Program to run instead of the source: `dist/mesh-ca.cjs`. */
  readonly bundle?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Our controller, as a process of its own under its own user. */
export interface Controller {
  readonly program: Program
  readonly httpPort: number
  /** Resolves once /readyz answers 200. */
  readonly ready: () => Promise<void>
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: string }>
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

const ACCOUNT = { namespace: 'mesh-ca-issuer', name: 'mesh-ca-issuer' }

/**
 * Starts the controller against a control plane, as `system:serviceaccount:mesh-ca-issuer:mesh-ca-issuer`. Where the lab is told
 * of an installation, that is its program under a token of the ServiceAccount. The workspace does not stop well where it
 * printed a secret.
 */
export async function startController(
  controlPlane: ControlPlane,
  options: ControllerOptions = {},
): Promise<Controller> {
  const { workspace, name } = controlPlane
  const { installation } = workspace.settings
  const kubeconfig =
    installation === undefined
      ? controlPlane.kubeconfig('mesh-ca-issuer')
      : await accountKubeconfig(controlPlane, ACCOUNT)
  const installed = installation === undefined ? {} : { bundle: join(installation, 'mesh-ca.cjs') }
  const controller = await startControllerAs({ workspace, name, kubeconfig }, { ...installed, ...options })
  workspace.defer(() => endWithoutSecrets(controller.program, controlPlane))
  return controller
}

export interface ControllerTarget {
  readonly workspace: Workspace
  readonly name: string
  /** File. */
  readonly kubeconfig: string
}

/** Starts the controller with any kubeconfig. */
export async function startControllerAs(
  target: ControllerTarget,
  options: ControllerOptions = {},
): Promise<Controller> {
  const httpPort = await freePort()
  const program = await startProgram(target.workspace, {
    name: `${target.name}-${options.name ?? 'mesh-ca'}`,
    command: process.execPath,
    args: [
      options.bundle ?? join(ROOT, 'src', 'main.ts'),
      'controller',
      `--http-addr=127.0.0.1:${httpPort}`,
      '--recheck-interval=1s',
      // Its standard is one port, and a test runs many controllers.
      '--status-addr=',
      ...(options.args ?? []),
    ],
    environment: { ...options.environment, KUBECONFIG: target.kubeconfig },
  })
  return controllerOn(program, httpPort)
}

/** A controller that was started somehow, by the port on loopback of its probes. */
export function controllerOn(program: Program, httpPort: number): Controller {
  const get = async (path: string): Promise<{ readonly status: number; readonly body: string }> => {
    // A client of its own, since a global one may be set to go through a proxy.
    const client = new Client(`http://127.0.0.1:${httpPort}`)
    try {
      const answer = await client.request({ method: 'GET', path })
      return { status: answer.statusCode, body: await answer.body.text() }
    } finally {
      await client.destroy()
    }
  }
  const ready = (): Promise<true> =>
    eventually(
      { what: 'A ready controller', withinMs: READY_WITHIN_MS, everyMs: 25, signal: program.ended },
      async () => {
        const answer = await get('/readyz').catch(() => undefined)
        return answer?.status === 200 ? true : undefined
      },
    )
  return {
    program,
    httpPort,
    ready: async () => {
      await program.whileRunning(ready())
    },
    get,
    stop: () => program.stop(),
    kill: () => program.stop('SIGKILL'),
  }
}
