import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { GROUP, PLURALS } from '../api/names.ts'
import { CRD_DIGESTS, readCrd, schemaDigest } from './crd.ts'

const CRDS = join(import.meta.dirname, '..', '..', 'config', 'crd')

for (const [kind, digest] of Object.entries(CRD_DIGESTS)) {
  test(`the digest of ${kind} is that of config/crd`, () => {
    const plural = Object.entries(PLURALS).find(([one]) => one === kind)?.[1]
    const crd: unknown = parse(readFileSync(join(CRDS, `${GROUP}_${plural}.yaml`), 'utf8'))
    assert.equal(digest, readCrd(crd)?.digest, 'write the second value into CRD_DIGESTS')
  })
}

const SCHEMA = {
  type: 'object',
  description: 'words',
  properties: { description: { type: 'string', description: 'words' }, size: { type: 'integer', maximum: 3 } },
}

const DIGESTS: readonly { readonly name: string; readonly schema: unknown; readonly same: boolean }[] = [
  {
    name: 'another order of members',
    schema: { properties: { size: { maximum: 3, type: 'integer' }, description: { type: 'string' } }, type: 'object' },
    same: true,
  },
  { name: 'other words', schema: { ...SCHEMA, description: 'others' }, same: true },
  {
    name: 'another bound',
    schema: { ...SCHEMA, properties: { ...SCHEMA.properties, size: { type: 'integer' } } },
    same: false,
  },
  { name: 'a property less', schema: { ...SCHEMA, properties: { size: SCHEMA.properties.size } }, same: false },
]

for (const { name, schema, same } of DIGESTS) {
  test(`${name} is ${same ? 'the same' : 'another'} schema`, () => {
    assert.equal(schemaDigest(schema) === schemaDigest(SCHEMA), same)
  })
}

const VERSION = { name: 'v1alpha1', served: true, schema: { openAPIV3Schema: SCHEMA } }
const ESTABLISHED = { conditions: [{ type: 'Established', status: 'True' }] }

test('a CRD that does not serve our version has no digest, and one that is not established says so', () => {
  assert.deepEqual(readCrd({ spec: { versions: [{ ...VERSION, name: 'v1' }] }, status: ESTABLISHED }), {
    established: true,
    digest: undefined,
  })
  assert.deepEqual(readCrd({ spec: { versions: [{ ...VERSION, served: false }] } }), {
    established: false,
    digest: undefined,
  })
  assert.equal(readCrd({ spec: {} }), undefined)
})
