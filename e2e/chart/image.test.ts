import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { namespace } from '../harness/objects.ts'
import { answersOk } from '../lab/api-server.ts'
import { installCrds } from '../lab/crds.ts'
import { eventually } from '../lab/eventually.ts'
import { builtModule } from '../lab/go-cache.ts'
import { CERT_MANAGER } from '../lab/go-modules.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { freePort } from '../lab/ports.ts'
import { CHART, openHelm } from './helm.ts'
import { buildImage, type Image } from './image.ts'
import { containerOf, type Deployment } from './pod.ts'
import { runInImage, startContainer, whyNoContainer } from './sandbox.ts'

const OURS = 'mesh-ca-issuer'
const ACCOUNT = { namespace: OURS, name: OURS }
/** Where a pod finds its ServiceAccount. */
const SECRETS = 'var/run/secrets/kubernetes.io/serviceaccount'

describe('the image', { timeout: 180_000 }, () => {
  let lab: Lab
  let image: Image
  before(async () => {
    lab = await startLab({ name: 'image', certManager: false })
    await installCrds(lab.kube, join(await builtModule(CERT_MANAGER, lab.workspace.settings), 'crds'))
    await lab.kube.apply(namespace(OURS))
  })
  after(() => lab.stop())

  test('is what the Dockerfile makes: node, its libraries, one program, its licences and its user', async () => {
    image = await buildImage(lab.workspace)
    const files = globSync('**/*', { cwd: image.root, withFileTypes: true }).filter((entry) => entry.isFile())
    const names = files.map(({ parentPath, name }) => join(parentPath, name).slice(image.root.length + 1))
    assert.deepEqual(
      names.filter((name) => !/(^|\/)(lib[\w+-]*|ld-[\w-]+)\.so\.\d+$|^app\/cache\//.test(name)).sort(),
      [
        'app/LICENSE',
        'app/LICENSES',
        'app/mesh-ca.cjs',
        'etc/group',
        'etc/nsswitch.conf',
        'etc/passwd',
        'usr/local/bin/node',
      ],
    )
    assert.ok(names.some((name) => name.startsWith('app/cache/')))
  })

  test('runs on a read-only file system as the chart starts it, by its account in the pod', async (t) => {
    const why = await whyNoContainer(image)
    if (why !== undefined) return t.skip(why)
    // What the last RUN of the build stage does, with the paths and the user that the cache is made for.
    await runInImage(image, ['/usr/local/bin/node', '/app/mesh-ca.cjs', '--help'])
    const { workspace, controlPlane, kube } = lab
    const helm = await openHelm(workspace, controlPlane.kubeconfig('admin'))
    await helm.run('install', OURS, CHART, '-n', OURS)
    const token = await kube.serviceAccountToken({ ...ACCOUNT, audiences: [] })
    await mkdir(join(image.root, SECRETS), { recursive: true })
    for (const [name, text] of [
      ['token', token],
      ['ca.crt', controlPlane.caPem],
      ['namespace', OURS],
    ] as const) {
      await writeFile(join(image.root, SECRETS, name), text, { mode: 0o644 })
    }
    const { command, args, env } = containerOf(
      await kube.get<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment', ...ACCOUNT }),
    )
    const [node = '', ...flags] = command
    const port = await freePort()
    const { hostname, port: server } = new URL(controlPlane.server)
    const program = await startContainer(workspace, image, {
      name: 'container',
      command: node,
      args: [...flags, ...args, `--http-addr=127.0.0.1:${port}`, '--status-addr='],
      environment: {
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: server,
        NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      },
    })
    await program.whileRunning(
      eventually({ what: 'A ready container', withinMs: 30_000, everyMs: 25, signal: program.ended }, async () =>
        (await answersOk(`http://127.0.0.1:${port}/readyz`)) ? true : undefined,
      ),
    )
    await program.log.waitFor(/"msg":"acting"/)
    await program.stop()
    assert.deepEqual(await program.exited, { code: 0, signal: null }, program.log.tail())
    assert.doesNotMatch(program.log.text(), /ERR_ACCESS_DENIED|EROFS|EACCES|"level":"error"/)
    assert.match(program.log.text(), /code cache for CommonJS \/app\/mesh-ca\.cjs was accepted/)
    const lease = await kube.get<KubeObject & { readonly spec: { readonly holderIdentity?: string } }>({
      ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...ACCOUNT },
    })
    assert.equal(lease.spec.holderIdentity, '', 'the Lease is let go')
  })
})
