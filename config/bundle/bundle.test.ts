import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Bundle, bundle, HEAP_FLAGS } from './bundle.ts'
import { bundledPackages, licencesText } from './licences.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** A kubeconfig of a server that is not there. */
const NOWHERE = {
  clusters: [{ name: 'nowhere', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'nobody', user: {} }],
  contexts: [{ name: 'nowhere', context: { cluster: 'nowhere', user: 'nobody' } }],
  'current-context': 'nowhere',
}

describe('the bundle', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-ca-bundle-'))
  const outfile = join(folder, 'mesh-ca.cjs')
  let made: Bundle
  before(async () => {
    made = await bundle({ entry: join(ROOT, 'src', 'main.ts'), outfile })
  })
  after(() => rmSync(folder, { recursive: true }))

  test('begins with a line that runs it under the heap flags', () => {
    const [first] = readFileSync(outfile, 'utf8').split('\n', 1)
    assert.equal(
      first,
      '#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 node --max-old-space-size=64 --max-semi-space-size=4 --no-parallel-scavenge',
    )
    assert.equal(statSync(outfile).mode & 0o777, 0o755)
  })

  for (const [name, command, args] of [
    ['by itself', outfile, []],
    ['under node', process.execPath, [outfile]],
  ] as const) {
    test(`runs ${name}, with nothing beside it`, () => {
      const { status, stdout, stderr } = spawnSync(command, [...args, '--help'], { cwd: folder, encoding: 'utf8' })
      assert.deepEqual([status, stderr], [0, ''])
      assert.match(stdout, /^Usage: mesh-ca /)
    })
  }

  test('loads everything that the controller needs, and ends when told', async () => {
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, JSON.stringify(NOWHERE))
    const controller = spawn(process.execPath, [outfile, 'controller', '--http-addr=127.0.0.1:0'], {
      cwd: folder,
      env: { KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    })
    const ended = once(controller, 'close')
    let said = ''
    for (const stream of [controller.stdout, controller.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('ECONNREFUSED') && !controller.killed) controller.kill('SIGTERM')
      })
    }
    assert.deepEqual(await ended, [0, null], said)
    assert.match(said, /"msg":"started"/)
    assert.doesNotMatch(said, /Cannot find module|TypeError|ReferenceError/)
  })

  test('is as small as it can be', () => {
    assert.ok(made.bytes < 4 * 1024 * 1024, `${made.bytes} bytes`)
    assert.deepEqual(
      made.inputs.filter((file) => /node_modules\/(zod|iconv-lite|esbuild|yaml|fast-check)\//.test(file)),
      [],
    )
  })

  test('comes with the licences of all that is in it', () => {
    const packages = bundledPackages(made.inputs)
    const names = packages.map(({ name }) => name)
    for (const name of ['@kubernetes/client-node', 'express', 'undici']) assert.ok(names.includes(name), name)
    assert.equal(readFileSync(join(folder, 'LICENSES'), 'utf8'), licencesText(packages))
    const copyleft = packages.filter(
      ({ licence }) =>
        !/^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|Unlicense)\b/.test(licence),
    )
    assert.deepEqual(
      copyleft.map(({ name, licence }) => `${name}: ${licence}`),
      [],
    )
  })

  test('is run by the image under the same flags', () => {
    const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    const [, entrypoint = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? []
    assert.deepEqual(
      JSON.parse(entrypoint).filter((word: string) => word.startsWith('--')),
      HEAP_FLAGS,
    )
  })
})

test('what esbuild cannot bundle is an error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-ca-bundle-'))
  try {
    const entry = join(folder, 'main.js')
    writeFileSync(entry, 'console.log(import.meta.dirname)')
    await assert.rejects(
      bundle({ entry, outfile: join(folder, 'out.cjs') }),
      /main\.js: esbuild warns: "import\.meta" is not available/,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
