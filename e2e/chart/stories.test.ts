import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { bundle } from '../../config/bundle/bundle.ts'
import { namespace } from '../harness/objects.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { CHART, openHelm } from './helm.ts'

const ROOT = join(CHART, '..', '..')
const OURS = 'mesh-ca-issuer'

/** Stories of e2e/stories that say nothing of config/rbac or of the sources, and where their issuers live. */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  'issue-local': ['istio-system'],
  approval: ['team'],
  scope: ['team-a', 'team-b'],
  refusals: ['team'],
}

describe('the built program, with the rights of the chart and no others', { timeout: 600_000 }, () => {
  let workspace: Workspace
  let installation: string
  before(async () => {
    workspace = await openWorkspace('chart-stories')
    installation = await workspace.subfolder('installation')
    const places = [...new Set(Object.values(STORIES).flat())]
    const helm = await openHelm(workspace)
    // The definitions are those of config/crd, byte for byte.
    const objects = await helm.template({ 'crds.enabled': false, 'references.namespaces': places })
    const all = [...[OURS, ...places].map((name) => namespace(name)), ...objects]
    await writeFile(join(installation, 'manifest.yaml'), all.map((object) => `---\n${stringify(object)}`).join(''))
    await bundle({ entry: join(ROOT, 'src', 'main.ts'), outfile: join(installation, 'mesh-ca.cjs') })
  })
  after(() => workspace.stop())

  for (const story of Object.keys(STORIES)) {
    test(`passes the story ${story}`, async () => {
      const { settings, environment } = workspace
      const env = {
        ...environment,
        XDG_CACHE_HOME: dirname(dirname(settings.cacheFolder)),
        ...(settings.assets === undefined ? {} : { KUBEBUILDER_ASSETS: settings.assets }),
        MESH_CA_LAB_INSTALL: installation,
      }
      const file = join(ROOT, 'e2e', 'stories', `${story}.test.ts`)
      const { stdout } = await promisify(execFile)(process.execPath, ['--test', file], { env }).catch(
        (error: Error & { readonly stdout: string }) => assert.fail(error.stdout),
      )
      assert.match(stdout, /^# pass [1-9]|^ℹ pass [1-9]/m)
    })
  }
})
