import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { project } from './projector.ts'

function payload(entries: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(entries).map(([key, value]) => [key, Buffer.from(value)]))
}

async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('..'))
  const entries = names.sort().map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(entries))
}

describe('projecting a Secret', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'projector-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const steps = [
    { name: 'writes every key', keys: { 'tls.crt': 'one', 'tls.key': 'k1' } },
    { name: 'changes values', keys: { 'tls.crt': 'two', 'tls.key': 'k2' } },
    { name: 'adds a key', keys: { 'tls.crt': 'two', 'tls.key': 'k2', 'ca.crt': 'root' } },
    { name: 'removes a key', keys: { 'tls.crt': 'two', 'ca.crt': 'root' } },
    { name: 'empties the folder', keys: {} },
    { name: 'fills it again', keys: { 'tls.crt': 'three' } },
  ]
  for (const { name, keys } of steps) {
    test(`${name}, behind one link and without leftovers`, async () => {
      await project(folder, payload(keys))
      assert.deepEqual(await contentOf(folder), keys)
      const hidden = (await readdir(folder)).filter((entry) => entry.startsWith('..')).sort()
      assert.deepEqual(hidden, ['..data', await readlink(join(folder, '..data'))])
    })
  }

  test('swaps all keys at once: a reader of the link never sees two versions', async () => {
    const pair = (value: number): ReadonlyMap<string, Uint8Array> => payload({ a: `${value}`, b: `${value}` })
    await project(folder, pair(0))
    let reading = true
    const torn: string[] = []
    const reader = async (): Promise<number> => {
      let reads = 0
      while (reading) {
        const version = await readlink(join(folder, '..data'))
        const values = await Promise.all(['a', 'b'].map((key) => readFile(join(folder, version, key), 'utf8'))).catch(
          // The version was replaced and removed while it was being read: the next read sees the new one.
          () => undefined,
        )
        if (values !== undefined && values[0] !== values[1]) torn.push(values.join(' and '))
        if (values !== undefined) reads += 1
      }
      return reads
    }
    const reads = reader()
    for (let value = 1; value <= 200; value += 1) await project(folder, pair(value))
    reading = false
    assert.ok((await reads) > 0)
    assert.deepEqual(torn, [])
  })
})
