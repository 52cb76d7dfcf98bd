import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { FINDINGS } from '../doctor/finding.ts'
import { CLI_SHAPES } from '../testing/cli-shapes.ts'

const DOCS = join(import.meta.dirname, '..', '..', 'docs')
const MAIN = join(import.meta.dirname, '..', 'main.ts')
const MANUAL = readFileSync(join(DOCS, 'cli.md'), 'utf8')
const TROUBLES = readFileSync(join(DOCS, 'troubleshooting.md'), 'utf8')

/** The fenced blocks of a language in the section of a command; the first section is the program's own. */
function blocks(command: string, language: string): readonly string[] {
  const section = MANUAL.split(/^## mesh-ca /m).find((one, index) =>
    command === '' ? index === 0 : one.startsWith(command),
  )
  const found = (section ?? '').matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))
  return [...found].map(([, text = '']) => text)
}

for (const command of ['', 'doctor', 'status', 'check', 'verify', 'controller']) {
  test(`the manual has the help of mesh-ca ${command} word for word`, async () => {
    const args = [MAIN, ...(command === '' ? [] : [command]), '--help']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    assert.deepEqual(blocks(command, 'text'), [stdout])
  })
}

for (const [command, shape] of Object.entries(CLI_SHAPES)) {
  test(`the example of mesh-ca ${command} --output json has the shape of what is printed`, () => {
    const examples = blocks(command, 'json')
    assert.equal(examples.length, 1)
    shape.parse(JSON.parse(examples[0] ?? ''))
  })
}

test('every finding stands in the list of troubleshooting.md, with its severity, and no other does', () => {
  const list = TROUBLES.slice(TROUBLES.indexOf('\n## Every finding'))
  const rows = [...list.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, code, severity]) => [code, severity])
  assert.deepEqual(rows, Object.entries(FINDINGS))
})

test('every finding stands beside a symptom too', () => {
  const symptoms = TROUBLES.slice(0, TROUBLES.indexOf('\n## Every finding'))
  assert.deepEqual(
    Object.keys(FINDINGS).filter((code) => !symptoms.includes(`\`${code}\``)),
    [],
  )
})

const ROOT = join(DOCS, '..')
const PAGES = [
  ...readdirSync(DOCS).map((name) => `docs/${name}`),
  'README.md',
  'SECURITY.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
]

/** As GitHub makes them of headings. */
function anchorsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/\]\([^)]*\)/g, '')
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}

for (const page of PAGES) {
  test(`links of ${page} lead somewhere`, () => {
    const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '')
    for (const [, file = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = file === '' ? join(ROOT, page) : join(ROOT, dirname(page), file)
      assert.ok(existsSync(target), `${file} is not there`)
      if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), `${file}#${anchor}`)
    }
  })
}
