import type { ControlPlane } from '../lab/control-plane.ts'
import { handshake } from '../lab/handshake.ts'
import { type Istiod, RELOADED, startIstiod } from '../lab/istiod.ts'
import type { Secret } from '../lab/kube-objects.ts'
import { type Projector, projectSecret } from '../lab/projector.ts'
import { requestWorkloadCertificate, type WorkloadIdentity, workloadToken } from '../lab/workload.ts'
import { describeChain } from './describe.ts'
import type { Narrator } from './narrator.ts'
import { type Cacerts, renewMeshCA } from './story.ts'

const PLACE = 'istio-system'

/** istiod with the Secret in its folder, and a workload that it signed. */
export interface Mesh {
  readonly istiod: Istiod
  readonly projector: Projector
  readonly web: WorkloadIdentity
}

/** Starts a real istiod on the Secret and has it sign workloads, which then shake hands. */
export async function startMesh(controlPlane: ControlPlane, cacerts: Cacerts, { step, say }: Narrator): Promise<Mesh> {
  const { workspace, admin } = controlPlane
  const started = await step('istiod starts with the Secret in its folder, as kubelet would put it there', async () => {
    const folder = await workspace.subfolder('cacerts')
    const projector = projectSecret(admin, { namespace: PLACE, name: 'cacerts', folder })
    workspace.defer(projector.stop)
    await projector.first
    const istiod = await startIstiod(controlPlane, { cacertsFolder: folder })
    await istiod.waitReady()
    say(`istiod is ready, process ${istiod.program.pid}`)
    return { istiod, projector }
  })
  const web = await step('istiod signs two workloads, and they trust each other', async () => {
    const web = await workload(controlPlane, started.istiod, { name: 'web', roots: cacerts.roots })
    const shop = await workload(controlPlane, started.istiod, { name: 'shop', roots: cacerts.roots })
    say(`${web.spiffeId}\n${describeChain(web.chain.slice(0, 2).join('\n'))}\n`)
    await shake(web, shop, say)
    return web
  })
  return { ...started, web }
}

/** Renews the intermediate below the running istiod and shows that old and new workloads go on together. */
export async function renewBelowIstiod(
  controlPlane: ControlPlane,
  mesh: Mesh,
  before: Cacerts,
  narrator: Narrator,
): Promise<void> {
  const { istiod, projector, web } = mesh
  const { admin } = controlPlane
  const after = await narrator.step(
    'The Certificate is renewed, and the running istiod takes the new intermediate up',
    async () => {
      const reloaded = istiod.program.log.waitFor(RELOADED, { from: istiod.program.log.position(), timeoutMs: 30_000 })
      const renewed = await renewMeshCA(admin, PLACE, before, narrator)
      const secret = await admin.get<Secret>({ apiVersion: 'v1', kind: 'Secret', namespace: PLACE, name: 'cacerts' })
      await projector.synced(secret.metadata.resourceVersion ?? '')
      narrator.say(`istiod says: ${lastField(await reloaded)}`)
      narrator.say(`istiod is still process ${istiod.program.pid}`)
      return renewed
    },
  )
  await narrator.step('A new workload is signed by the new intermediate; old and new trust each other', async () => {
    const shop = await workload(controlPlane, istiod, { name: 'shop', roots: after.roots })
    await shake(web, shop, narrator.say)
    await shake(shop, web, narrator.say)
  })
}

async function workload(
  controlPlane: ControlPlane,
  istiod: Istiod,
  { name, roots }: { readonly name: string; readonly roots: string },
): Promise<WorkloadIdentity> {
  const token = await workloadToken(controlPlane.admin, 'default', name)
  return requestWorkloadCertificate({
    secureAddress: istiod.secureAddress,
    token,
    trustPem: roots,
    namespace: 'default',
    serviceAccount: name,
  })
}

async function shake(serving: WorkloadIdentity, calling: WorkloadIdentity, say: Narrator['say']): Promise<void> {
  const result = await handshake(serving, calling)
  if (!result.ok) throw new Error(`The handshake was refused by the ${result.refusedBy}: ${result.error}`)
  say(`mutual TLS: ${calling.spiffeId} → ${serving.spiffeId}: both accepted`)
}

/** istiod logs tab-separated fields; the last is what it says. */
function lastField(line: string): string {
  return line.split('\t').at(-1) ?? line
}
