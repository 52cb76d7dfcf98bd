import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exists } from './cached-folder.ts'
import { type LabEnvironment, readEnvironment } from './environment.ts'
import { builtModule, goVersion, isNewEnough, moduleFolder } from './go-cache.ts'
import type { GoModule } from './go-modules.ts'
import { withLock } from './lock.ts'

describe('the version of Go', () => {
  const rows = [
    { version: 'go1.26.0', enough: true },
    { version: 'go1.26rc1', enough: true },
    { version: 'go1.100.1', enough: true },
    { version: 'go2.0', enough: true },
    { version: 'devel go1.27-abcdef', enough: true },
    { version: 'go1.25.9', enough: false },
    { version: 'go1.3', enough: false },
    { version: '', enough: false },
  ]
  for (const { version, enough } of rows) {
    test(`${version || 'nothing'} is ${enough ? '' : 'not '}enough`, () => assert.equal(isNewEnough(version), enough))
  }
})

describe('the cache of built modules', () => {
  let folder: string
  let environment: LabEnvironment
  const base: Omit<GoModule, 'folder'> = {
    name: 'sample',
    binaries: [{ name: 'tool', from: 'command', package: './tool' }],
  }
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'go-cache-'))
    environment = { ...readEnvironment(), cacheFolder: join(folder, 'cache') }
    await mkdir(join(folder, 'source', 'tool'), { recursive: true })
    await writeFile(join(folder, 'source', 'go.mod'), 'module sample\n\ngo 1.26.0\n')
    await writeFile(join(folder, 'source', 'tool', 'main.go'), 'package main\n\nfunc main() {}\n')
  })
  after(() => rm(folder, { recursive: true, force: true }))
  const sample = (): GoModule => ({ ...base, folder: join(folder, 'source') })

  test('keeps its key until the source or the recipe changes', async () => {
    const first = await moduleFolder(sample(), environment)
    assert.match(basename(first), /^sample-[0-9a-f]{16}$/)
    await writeFile(join(folder, 'source', 'README.md'), 'not source')
    assert.equal(await moduleFolder(sample(), environment), first)
    await writeFile(join(folder, 'source', 'tool', 'main.go'), 'package main\n\nfunc main() { println(1) }\n')
    const second = await moduleFolder(sample(), environment)
    const binaries = [{ name: 'tool', from: 'command', package: './tool', variables: ['main.x=1'] }] as const
    const third = await moduleFolder({ ...sample(), binaries }, environment)
    assert.equal(new Set([first, second, third]).size, 3)
  })

  test('says how to build what is missing', async () => {
    await assert.rejects(builtModule(sample(), environment), /sample is not built yet: run `npm run setup`/)
  })

  test('names the remedy when Go is missing', async () => {
    const without = { ...environment, go: { ...environment.go, PATH: folder } }
    await assert.rejects(goVersion(sample(), without), /not installed here: install Go 1\.26 or newer/)
  })

  test('lets one builder work at a time, and frees the lock when one fails', async () => {
    const file = join(folder, 'lock')
    const steps: string[] = []
    const { promise: taken, resolve: take } = Promise.withResolvers<void>()
    const { promise: waiting, resolve: wait } = Promise.withResolvers<void>()
    const first = withLock(
      file,
      async () => {
        take()
        await waiting
        steps.push('first ends')
        throw new Error('first failed')
      },
      () => undefined,
    )
    await taken
    const second = withLock(file, async () => steps.push('second works'), wait)
    await assert.rejects(first, /first failed/)
    await second
    assert.deepEqual(steps, ['first ends', 'second works'])
  })
  test('takes over the lock of a builder that was killed', async () => {
    const file = join(folder, 'stale-lock')
    await writeFile(file, '')
    const longAgo = new Date(Date.now() - 60_000)
    await utimes(file, longAgo, longAgo)
    assert.equal(
      await withLock(
        file,
        async () => 'built',
        () => undefined,
      ),
      'built',
    )
    assert.equal(await exists(file), false)
  })
})
