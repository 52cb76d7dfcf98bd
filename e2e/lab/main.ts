import { join } from 'node:path'
import { startCertManager } from './cert-manager.ts'
import { controlPlaneBinaries, startControlPlane } from './control-plane.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function sayDone(what: string, began: number): void {
  say(`${what} after ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

async function startAll(workspace: Workspace): Promise<void> {
  const began = performance.now()
  const controlPlane = await startControlPlane(workspace, { name: 'lab' })
  sayDone('The API server is ready', began)
  await startCertManager(controlPlane)
  sayDone('cert-manager and its webhook run', began)
  const kubectl = join(await controlPlaneBinaries(workspace), 'kubectl')
  say(`
In another terminal:

  export KUBECONFIG=${controlPlane.kubeconfig('admin')}
  alias kubectl=${kubectl}
  kubectl apply -f config/crd -f config/rbac
  KUBECONFIG=${controlPlane.kubeconfig('mesh-ca-issuer')} npm exec -- node src/main.ts controller

Beside admin there are kubeconfig files for developer (no rights), cert-manager, istiod and mesh-ca-issuer.
Logs are in ${workspace.logs}. There is no kubelet, no scheduler and no garbage collector.
Ctrl-C stops everything and removes the folder.`)
}

const workspace = await openWorkspace('main')
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
})
// Killing npm ends the shell between it and us, which passes no signal on: then a lab would run for ever.
const { promise: orphaned, resolve: orphan } = Promise.withResolvers<void>()
const parent = process.ppid
const alive = setInterval(() => {
  if (process.ppid !== parent) orphan()
}, 1_000)
try {
  const over = Promise.race([ended, orphaned])
  await Promise.race([startAll(workspace).then(() => over), over])
  say('\nStopping.')
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
} finally {
  clearInterval(alive)
  await workspace.stop()
}
