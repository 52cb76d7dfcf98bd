import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { chmod, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { controlPlaneBinaries } from '../lab/control-plane.ts'
import type { Certificate } from '../lab/kube-objects.ts'
import { type OpenBao, startOpenBao } from '../lab/openbao.ts'
import { vaultMaker } from '../lab/vault-maker.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalBlocks, canonicalRoots, describeCertificate } from './mesh-certificates.ts'
import { CACERTS_CERTIFICATE, type MeshCluster, readCacerts, startMeshCluster } from './mesh-cluster.ts'
import { withoutOpenssl } from './mesh-openssl.ts'
import { type Follower, follow, type GuideSection, readGuide } from './support-guide.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** What `cmctl renew -n NAMESPACE NAME` does. */
const CMCTL = `#!/bin/sh
exec kubectl patch certificate "$4" -n "$3" --subresource=status --type=json -p '[{"op": "add", "path": "/status/conditions/-", "value":
  {"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "renewal was asked for", "lastTransitionTime": "'"$(date -u +%FT%TZ)"'"}}]'
`

describe('docs/vault.md, followed word by word', { timeout: 240_000, skip: await withoutOpenssl() }, () => {
  let workspace: Workspace
  let cluster: MeshCluster
  let bao: OpenBao
  let follower: Follower
  let sections: readonly GuideSection[]
  before(async () => {
    workspace = await openWorkspace('vault-guide')
    sections = await readGuide('vault.md')
    ;[cluster, bao] = await Promise.all([startMeshCluster(workspace, 'cluster'), startOpenBao(workspace)])
    follower = await reader(workspace, cluster, bao)
  })
  after(() => workspace?.stop())

  async function section(beginning: string): Promise<void> {
    const found = sections.filter(({ title }) => title.startsWith(beginning))
    assert.equal(found.length, 1, beginning)
    for (const one of found) await follow(follower, one)
  }
  const written = (name: string): Promise<string> => readFile(join(follower.folder, name), 'utf8')

  test('ends in a Secret with the CA of istiod, the CA of the fleet, and the root', async () => {
    for (const title of ['1. The root', '2. What', '3. How', '4. The issuer', '5. The CA']) await section(title)
    const { certificate, roots } = await readCacerts(cluster.kube)
    const [leaf = '', ...above] = canonicalBlocks(certificate)
    assert.deepEqual(above, canonicalBlocks(await written('mesh-2026.crt')))
    assert.equal(roots, canonicalRoots(await written('root-2026.crt')))
    const { subject, issuer, pathLength } = describeCertificate(leaf)
    assert.deepEqual(
      { subject, issuer, pathLength },
      { subject: 'O=example.com, CN=istiod CA of cluster-1', issuer: 'O=example.com, CN=Mesh CA 2026', pathLength: 0 },
    )
  })

  test('replaces the root in three renewals', async () => {
    await section('6. Replace')
    const { certificate, roots } = await readCacerts(cluster.kube)
    assert.deepEqual(canonicalBlocks(certificate).slice(1), canonicalBlocks(await written('mesh-2031.crt')))
    assert.equal(roots, canonicalRoots(await written('root-2031.crt')))
    const { status } = await cluster.kube.get<Certificate>(CACERTS_CERTIFICATE)
    assert.equal(status?.revision, 4)
  })

  test('logs in by every other way', () => section('Other ways'))
})

test('docs/vault.md quotes what the program says', () => {
  const text = readFileSync(join(ROOT, 'docs', 'vault.md'), 'utf8')
  const [, table = ''] = text.split('| it says | look at |\n')
  const quoted = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, words = '']) => words)
  const sources = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !/testing|\.test\.ts$/.test(file))
  const said = sources.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  assert.ok(quoted.length > 10)
  assert.deepEqual(
    quoted.filter((words) => !said.includes(words)),
    [],
  )
})

/** A reader with the two command lines on the PATH, who is administrator of both. */
async function reader(workspace: Workspace, { controlPlane }: MeshCluster, bao: OpenBao): Promise<Follower> {
  const folder = await workspace.subfolder('reader')
  const bin = await workspace.subfolder('reader/bin')
  const [program, variable] = vaultMaker(workspace.settings) === 'OpenBao' ? ['bao', 'BAO'] : ['vault', 'VAULT']
  await symlink(bao.command, join(bin, program))
  await symlink(join(await controlPlaneBinaries(workspace), 'kubectl'), join(bin, 'kubectl'))
  await writeFile(join(bin, 'cmctl'), CMCTL)
  await chmod(join(bin, 'cmctl'), 0o755)
  const { environment } = workspace
  return {
    folder,
    environment: {
      ...environment,
      PATH: `${bin}:${environment.PATH}`,
      [`${variable}_ADDR`]: bao.address,
      [`${variable}_CACERT`]: bao.caFile,
      [`${variable}_TOKEN`]: bao.rootToken,
      KUBECONFIG: controlPlane.kubeconfig('admin'),
    },
    values: {
      'https://vault.example.com:8200': bao.address,
      // The test has no day to wait between two steps.
      'minimumDwell: 25h': 'minimumDwell: 0s',
      // What the page tells users of Vault to write.
      'bao ': `${program} `,
      BAO_: `${variable}_`,
    },
  }
}
