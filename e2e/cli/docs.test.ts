import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { namespace } from '../harness/objects.ts'
import { PLACE, readCacerts } from '../stories/mesh-cluster.ts'
import { blocksOf, commandsOf, type Reader, readerOf, textsOf } from './pages.ts'
import { startTwoMeshes, type TwoMeshes } from './two-meshes.ts'

const PAGES = ['cli.md', 'troubleshooting.md', 'security.md', 'status-page.md'] as const
/** The pages whose commands are run here; those of the status page are run where it is exposed. */
const RUN = ['cli.md', 'troubleshooting.md', 'security.md'] as const
const DOCTOR = 'mesh-ca-doctor'

interface User {
  readonly name: string
  readonly user: { readonly token: string }
}

interface KubeConfig {
  readonly users: readonly User[]
}

const DAY_MS = 86_400_000

/** The clusters of the lab, and a time that is within the life of what they have. */
function asHere(command: string): string {
  const soon = new Date(Date.now() + 30 * DAY_MS).toISOString()
  return command
    .replaceAll('cluster-1', 'east')
    .replaceAll('cluster-2', 'west')
    .replace(/(?<=--at )\S+/, soon)
}

describe('the commands and objects of the pages', { timeout: 300_000 }, () => {
  let meshes: TwoMeshes
  let reader: Reader
  before(async () => {
    meshes = await startTwoMeshes()
    reader = await readerOf(meshes.workspace, meshes.kubeconfig)
    const { certificate, key, roots } = await readCacerts(meshes.east.cluster.kube)
    const folder = await meshes.workspace.subfolder('reader/cacerts')
    const files = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': roots }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const loose = { 'istiod.crt': certificate, 'chain.crt': '', 'root.crt': roots }
    for (const [name, text] of Object.entries(loose)) await writeFile(join(reader.folder, name), text)
  })
  after(() => meshes?.workspace.stop())

  test('blocks are of these kinds only, and what is typed in a console begins with a prompt', () => {
    const blocks = PAGES.flatMap(blocksOf)
    const kinds = [...new Set(blocks.map(({ language }) => language))].sort()
    assert.deepEqual(kinds, ['', 'console', 'json', 'sh', 'text', 'yaml'])
    const lines = (language: string): readonly string[] =>
      blocks.flatMap((block) => (block.language === language ? block.text.trim().split('\n') : []))
    assert.deepEqual(
      lines('console').filter((line) => !line.startsWith('$ ')),
      [],
    )
    const commands = /^(?:\$ |kubectl |curl |mesh-ca (?:doctor|status|check|verify))/
    assert.deepEqual(
      [...lines(''), ...lines('text')].filter((line) => commands.test(line)),
      [],
    )
  })

  test('the API server takes every object', async () => {
    const { kube } = meshes.east.cluster
    for (const name of ['team-a', 'monitoring']) await kube.apply(namespace(name))
    const texts = PAGES.flatMap((page) => textsOf(page, 'yaml'))
    assert.ok(texts.length >= 4)
    for (const text of texts) await kube.applyYaml(text)
  })

  test('whoever has the roles that the doctor is said to need lets it see everything, and may not do more', async () => {
    const { kube } = meshes.east.cluster
    const account = { namespace: PLACE, name: DOCTOR }
    await kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account })
    const apiVersion = 'rbac.authorization.k8s.io/v1'
    const subjects = [{ kind: 'ServiceAccount', ...account }]
    const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: DOCTOR })
    const bindings = [
      { kind: 'ClusterRoleBinding', metadata: { name: DOCTOR }, roleRef: roleRef('ClusterRole') },
      { kind: 'RoleBinding', metadata: account, roleRef: roleRef('Role') },
    ]
    for (const binding of bindings)
      await kube.apply<typeof binding & { apiVersion: string }>({ apiVersion, ...binding, ...{ subjects } })
    const token = await kube.serviceAccountToken({ ...account, audiences: [] })
    const config: KubeConfig = parse(await readFile(meshes.kubeconfig, 'utf8'))
    const users = config.users.map((user) => (user.name === 'east' ? { ...user, user: { token } } : user))
    const file = join(meshes.workspace.folder, 'doctor.kubeconfig')
    await writeFile(file, stringify({ ...config, users }), { mode: 0o600 })
    const doctor = await reader.run('mesh-ca doctor --strict', file)
    assert.deepEqual([doctor.code, doctor.err], [0, ''], doctor.out)
    const { err } = await reader.run('mesh-ca verify secret/istio-system/root-ca', file)
    assert.match(err, /may not get secrets \(root-ca\)/)
  })

  for (const page of RUN) {
    test(`${page}: each command does what the page says`, async () => {
      const commands = commandsOf(page)
      assert.ok(commands.length > 0)
      for (const command of commands) {
        const { code, out, err } = await reader.run(asHere(command))
        // The two clusters of the lab do not trust each other, and that is a problem.
        const expected = command.includes('--context cluster-2') ? 2 : 0
        assert.deepEqual([code, err], [expected, ''], `${command}\n${out}`)
        assert.notEqual(out, '', command)
      }
    })
  }
})
