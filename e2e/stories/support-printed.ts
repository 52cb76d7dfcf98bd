import { type CommandLine, commandLine } from '../cli/fleet.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import type { Scene } from './support-scene.ts'

/** Everything of the program that somebody can read, with the port of its status page. */
export interface Outlets {
  readonly scene: Scene
  readonly statusPort: number
  readonly commands: CommandLine
}

export async function openOutlets(scene: Scene, statusPort: number): Promise<Outlets> {
  return { scene, statusPort, commands: await commandLine(scene.lab.workspace, [scene.lab.controlPlane]) }
}

/** Runs a verb of the command line in both of its formats. */
export async function runBoth({ commands }: Outlets, ...args: readonly string[]): Promise<readonly number[]> {
  const ran = [await commands.run(...args), await commands.run(...args, '--output=json')]
  return ran.map(({ code }) => code)
}

/** What stands where, now. */
export async function printedBy({ scene, statusPort, commands }: Outlets): Promise<Readonly<Record<string, string>>> {
  const { kube, controller } = scene
  const listed = async (apiVersion: string, kind: string): Promise<string> =>
    JSON.stringify((await kube.list<KubeObject>({ apiVersion, kind })).items)
  const page = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${statusPort}/${path}`)).text()
  return {
    'the log': controller.program.log.text(),
    events: await listed('events.k8s.io/v1', 'Event'),
    issuers: await listed('meshca.dev/v1alpha1', 'MeshCAIssuer'),
    'cluster issuers': await listed('meshca.dev/v1alpha1', 'MeshCAClusterIssuer'),
    requests: await listed('cert-manager.io/v1', 'CertificateRequest'),
    Certificates: await listed('cert-manager.io/v1', 'Certificate'),
    metrics: (await controller.get('/metrics')).body,
    readiness: (await controller.get('/readyz')).body,
    'the status page': await page('?rows=all'),
    'the status page as JSON': await page('status.json'),
    'the command line': commands.said(),
  }
}
