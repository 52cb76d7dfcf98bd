import { openExternal } from './demo/external.ts'
import { renewBelowIstiod, startMesh } from './demo/mesh.ts'
import { makeNarrator, type Narrator } from './demo/narrator.ts'
import { issueMeshCA, renewMeshCA } from './demo/story.ts'
import { startController } from './harness/controller.ts'
import { installMeshCA } from './harness/install.ts'
import { startLab } from './lab/lab.ts'

/** The whole story on a control plane of our own: from an empty cluster to a renewed mesh CA. */
async function tellOnLab(narrator: Narrator): Promise<void> {
  const lab = await narrator.step('A control plane starts: etcd, kube-apiserver, cert-manager with its webhook', () =>
    startLab({ name: 'demo' }),
  )
  try {
    const { controlPlane, kube } = lab
    await narrator.step('mesh-ca-issuer is installed (config/crd, config/rbac) and its controller starts', async () => {
      await installMeshCA(kube)
      const controller = await startController(controlPlane)
      await controller.ready()
    })
    const cacerts = await issueMeshCA(kube, 'istio-system', narrator)
    const mesh = await startMesh(controlPlane, cacerts, narrator)
    await renewBelowIstiod(controlPlane, mesh, cacerts, narrator)
  } finally {
    await lab.stop()
  }
}

/** The part of it that does not touch a mesh, on a cluster that runs cert-manager already. */
async function tellOnCluster(narrator: Narrator, context: string | undefined): Promise<void> {
  const place = 'mesh-ca-demo'
  const cluster = await openExternal(context)
  narrator.say(
    `Using the cluster of context ${cluster.context}; everything but CRDs and roles goes into namespace ${place}, which is deleted at the end.`,
  )
  try {
    await narrator.step(
      'mesh-ca-issuer is installed (config/crd, config/rbac) and its controller starts here',
      async () => {
        await installMeshCA(cluster.kube)
        await cluster.startController()
      },
    )
    const cacerts = await issueMeshCA(cluster.kube, place, narrator)
    await narrator.step('The Certificate is renewed', () => renewMeshCA(cluster.kube, place, cacerts, narrator))
    narrator.say('istiod is left out here: it would write into every namespace of your cluster.')
  } finally {
    await cluster.kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: place })
    await cluster.close()
  }
}

const narrator = makeNarrator(
  (text) => process.stdout.write(text),
  () => performance.now(),
)
const contextFlag = process.argv.indexOf('--context')
const context = contextFlag < 0 ? undefined : process.argv[contextFlag + 1]
await (process.env.KUBECONFIG === undefined ? tellOnLab(narrator) : tellOnCluster(narrator, context))
process.stdout.write(`\nDone in ${(narrator.elapsed() / 1000).toFixed(0)} s.\n`)
