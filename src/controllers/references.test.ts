import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError, type Reference } from '../issuance/references.ts'
import { type ReadObject, type ReadResult, resolveReferences } from './references.ts'

const SECRET: Reference = { kind: 'Secret', name: 'ca' }
const MAP: Reference = { kind: 'ConfigMap', name: 'ca' }
const FORBIDDEN = new ConfigurationError('ReadForbidden', 'grant get')

function reader(objects: Readonly<Record<string, ReadResult | Error>>): {
  readonly read: ReadObject
  readonly reads: readonly string[]
} {
  const reads: string[] = []
  return {
    reads,
    read: async (namespace, { kind, name }) => {
      reads.push(`${namespace}/${kind}/${name}`)
      const object = objects[`${kind}/${name}`]
      if (object instanceof Error) throw object
      return object
    },
  }
}

function object(resourceVersion: string, value: string): ReadResult {
  return { resourceVersion, data: { key: value } }
}

test('W-A11: each object is read once, by its name, from the one namespace, and kept apart by its kind', async () => {
  const { read, reads } = reader({ 'Secret/ca': object('1', 'secret'), 'ConfigMap/ca': object('2', 'map') })
  const { lookup, version } = await resolveReferences(read, 'ns', [SECRET, MAP])
  assert.deepEqual(reads, ['ns/Secret/ca', 'ns/ConfigMap/ca'])
  assert.deepEqual([lookup(SECRET), lookup(MAP)], [{ key: 'secret' }, { key: 'map' }])
  assert.equal(version, 'Secret/ca@1 ConfigMap/ca@2')
})

test('nothing to read is nothing read', async () => {
  const { read, reads } = reader({})
  const { version } = await resolveReferences(read, 'ns', [])
  assert.deepEqual([reads, version], [[], ''])
})

const VERSIONS: readonly {
  readonly name: string
  readonly objects: Parameters<typeof reader>[0]
  readonly version: string
}[] = [
  { name: 'there', objects: { 'Secret/ca': object('7', 'x') }, version: 'Secret/ca@7' },
  { name: 'absent', objects: {}, version: 'Secret/ca@absent' },
  { name: 'not to be read', objects: { 'Secret/ca': FORBIDDEN }, version: 'Secret/ca@ReadForbidden' },
]

for (const { name, objects, version } of VERSIONS) {
  test(`the version of what is ${name}`, async () => {
    assert.equal((await resolveReferences(reader(objects).read, 'ns', [SECRET])).version, version)
  })
}

test('what may not be read concerns only who looks at it', async () => {
  const { read } = reader({ 'Secret/ca': object('1', 'secret'), 'ConfigMap/ca': FORBIDDEN })
  const { lookup } = await resolveReferences(read, 'ns', [SECRET, MAP])
  assert.deepEqual(lookup(SECRET), { key: 'secret' })
  assert.throws(() => lookup(MAP), FORBIDDEN)
})

test('what was not asked for is not there', async () => {
  const { lookup } = await resolveReferences(reader({}).read, 'ns', [SECRET])
  assert.equal(lookup(SECRET), undefined)
  assert.equal(lookup({ kind: 'Secret', name: '__proto__' }), undefined)
})

test('an unreachable server is thrown', async () => {
  const away = new Error('away')
  await assert.rejects(resolveReferences(reader({ 'Secret/ca': away }).read, 'ns', [SECRET, MAP]), away)
})
