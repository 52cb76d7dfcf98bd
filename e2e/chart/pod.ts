import { join } from 'node:path'
import { bundle } from '../../config/bundle/bundle.ts'
import { accountKubeconfig } from '../harness/account.ts'
import { type Controller, controllerOn } from '../harness/controller.ts'
import type { ControlPlane } from '../lab/control-plane.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { freePort } from '../lab/ports.ts'
import { startProgram } from '../lab/process.ts'

const ENTRY = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

export interface Container {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly [member: string]: unknown
}

export interface PodSpec {
  readonly serviceAccountName: string
  readonly containers: readonly Container[]
  readonly [member: string]: unknown
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas: number
    readonly template: { readonly metadata: object; readonly spec: PodSpec }
    readonly [member: string]: unknown
  }
}

/** The only Deployment among objects. */
export function deploymentIn(objects: readonly KubeObject[]): Deployment {
  const found = objects.find(isDeployment)
  if (found === undefined) throw new Error('There is no Deployment.')
  return found
}

function isDeployment(object: KubeObject): object is Deployment {
  return object.kind === 'Deployment' && 'spec' in object
}

/** The only container of a Deployment of ours. */
export function containerOf({ spec }: Deployment): Container {
  const [container] = spec.template.spec.containers
  if (container === undefined) throw new Error('The Deployment has no container.')
  return container
}

/** Starts what a Deployment describes. */
export type StartPod = (deployment: Deployment, name: string) => Promise<Controller>

/** Builds the program, to run it as Deployments say where there is no kubelet: under a token of their ServiceAccount, with their flags. */
export async function podStarter(controlPlane: ControlPlane): Promise<StartPod> {
  const { workspace } = controlPlane
  const app = await workspace.subfolder('app')
  await bundle({ entry: ENTRY, outfile: join(app, 'mesh-ca.cjs') })
  return async (deployment, name) => {
    const { namespace = '' } = deployment.metadata
    const { serviceAccountName } = deployment.spec.template.spec
    const kubeconfig = await accountKubeconfig(controlPlane, { namespace, name: serviceAccountName })
    const { command, args, env } = containerOf(deployment)
    const port = await freePort()
    const [, ...flags] = command.map((word) => word.replace(/(^|=)\/app(?=$|\/)/, `$1${app}`))
    const program = await startProgram(workspace, {
      name,
      command: process.execPath,
      args: [
        ...flags.map((flag) => flag.replace('=/var/run/secrets', `=${kubeconfig}`)),
        ...args.map((arg) => arg.replace(/^--http-addr=.*/, `--http-addr=127.0.0.1:${port}`).replace(/:8081$/, ':0')),
        '--recheck-interval=1s',
      ],
      environment: { KUBECONFIG: kubeconfig, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) },
    })
    return controllerOn(program, port)
  }
}
