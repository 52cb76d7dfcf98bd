import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { controlPlaneBinaries } from '../lab/control-plane.ts'
import { builtModule } from '../lab/go-cache.ts'
import { HELM } from '../lab/go-modules.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { CHART, type Helm, openHelm } from './helm.ts'

const ROOT = join(CHART, '..', '..')
const GUIDE = readFileSync(join(ROOT, 'docs', 'install.md'), 'utf8')

interface Block {
  readonly language: string
  readonly text: string
}

/** The fenced blocks of the guide: `sh` is run, `yaml` is values, `console` needs what the lab has not. */
const BLOCKS: readonly Block[] = [...GUIDE.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
)

function blocks(language: string): readonly string[] {
  return BLOCKS.filter((block) => block.language === language).map(({ text }) => text)
}

describe('docs/install.md', { timeout: 180_000 }, () => {
  let lab: Lab
  let helm: Helm
  let folder: string
  before(async () => {
    lab = await startLab({ name: 'guide', certManager: false })
    helm = await openHelm(lab.workspace, lab.controlPlane.kubeconfig('admin'))
    folder = await lab.workspace.subfolder('guide')
    for (const name of ['charts', 'config']) await symlink(join(ROOT, name), join(folder, name))
  })
  after(() => lab.stop())

  const shell = async (text: string): Promise<string> => {
    const { settings, environment } = lab.workspace
    const tools = [await controlPlaneBinaries(lab.workspace), join(await builtModule(HELM, settings), 'bin')]
    const env = {
      ...environment,
      PATH: [...tools, environment.PATH].join(':'),
      KUBECONFIG: lab.controlPlane.kubeconfig('admin'),
    }
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', text], { cwd: folder, env })
    return stdout
  }

  test('has blocks of these kinds only', () => {
    assert.deepEqual([...new Set(BLOCKS.map(({ language }) => language))].sort(), ['console', 'sh', 'yaml'])
    assert.ok(blocks('sh').length >= 5 && blocks('yaml').length >= 8)
  })

  test('shows values that the chart takes', async () => {
    for (const text of blocks('yaml')) {
      await writeFile(join(folder, 'values.yaml'), text)
      const values = join(folder, 'values.yaml')
      await helm.run('template', 'mesh-ca-issuer', CHART, '--values', values).catch((error: Error) => {
        assert.fail(`${text}${error.message}`)
      })
    }
  })

  test('installs, upgrades, goes back, uninstalls and removes, in the order of the page', async () => {
    const [first = ''] = blocks('yaml')
    await writeFile(join(folder, 'values.yaml'), first)
    const said = []
    for (const text of blocks('sh')) said.push(await shell(text))
    assert.deepEqual(
      said.map((output) => /STATUS: \w+|Rollback was a success|kept due to|^mesh-ca(?= )|deleted/m.exec(output)?.[0]),
      ['STATUS: deployed', 'mesh-ca', 'STATUS: deployed', 'Rollback was a success', 'kept due to', 'deleted'],
    )
  })

  test('links to files that exist', () => {
    for (const [, link = ''] of GUIDE.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.doesNotThrow(() => readFileSync(join(ROOT, 'docs', link)), link)
    }
  })
})
