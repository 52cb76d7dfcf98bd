import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { GROUP, PLURALS } from '../../src/api/names.ts'
import { isObject, type JsonObject } from '../../src/api/read.ts'
import { structuralSchema } from './structural.ts'

interface Place {
  readonly path: string
  readonly node: JsonObject
}

/** The keys that a structural schema of ours may have: no unions, no references, nothing that closes an object. */
const KEYS = new Set(
  'additionalProperties default description enum format items maxItems maxLength maxProperties maximum minItems minLength minimum properties required type'.split(
    ' ',
  ),
)
const TYPES = new Set(['array', 'boolean', 'integer', 'object', 'string'])
/** What Kubernetes itself describes. */
const UNDESCRIBED = new Set(['.metadata'])

function* places(node: unknown, path = ''): Generator<Place> {
  assert.ok(isObject(node), `${path} is not a schema`)
  yield { path, node }
  if (isObject(node.properties)) {
    for (const [name, child] of Object.entries(node.properties)) yield* places(child, `${path}.${name}`)
  }
  if (node.items !== undefined) yield* places(node.items, `${path}[]`)
  if (node.additionalProperties !== undefined) yield* places(node.additionalProperties, `${path}{}`)
}

function schemaOf(plural: string): unknown {
  const file = new URL(`${GROUP}_${plural}.yaml`, import.meta.url)
  return parse(readFileSync(file, 'utf8')).spec.versions[0].schema.openAPIV3Schema
}

function isBounded({ path, node }: Place): boolean {
  if (/^\.(apiVersion|kind)$/.test(path)) return true
  if (node.type === 'string') return 'maxLength' in node || 'enum' in node || node.format === 'date-time'
  if (node.type === 'array') return 'maxItems' in node
  return node.type !== 'object' || !('additionalProperties' in node) || 'maxProperties' in node
}

for (const plural of Object.values(PLURALS)) {
  describe(`the schema of ${plural}`, () => {
    const all = [...places(schemaOf(plural))]
    const failing = (holds: (place: Place) => boolean) => all.filter((place) => !holds(place)).map(({ path }) => path)

    test('reaches every field', () => {
      assert.ok(all.length > 120, `${all.length} places`)
      assert.ok(all.some(({ path }) => path === '.spec.vault.auth.kubernetes.serviceAccountRef.audiences[]'))
    })

    test('is structural: every node has one type, and none a union, a reference or a closed object', () => {
      assert.deepEqual(
        failing(({ node }) => TYPES.has(String(node.type))),
        [],
      )
      assert.deepEqual(
        failing(({ node }) => Object.keys(node).every((key) => KEYS.has(key) || key.startsWith('x-kubernetes-'))),
        [],
      )
    })

    test('describes every field in sentences', () => {
      assert.deepEqual(
        failing(({ path, node }) => UNDESCRIBED.has(path) || /^[A-Z].*[.]$/.test(String(node.description))),
        [],
      )
    })

    test('bounds everything, so that rules have a price', () => {
      assert.deepEqual(failing(isBounded), [])
    })

    test('has a message without a full stop for every rule', () => {
      const rules = all.flatMap(({ node }) => {
        const list: unknown = node['x-kubernetes-validations'] ?? []
        return Array.isArray(list) ? list : []
      })
      assert.ok(rules.length > 60, `${rules.length} rules`)
      assert.deepEqual(
        rules.filter(({ rule, message }) => typeof rule !== 'string' || !/^['a-zA-Z].*[^.]$/.test(String(message))),
        [],
      )
    })

    test('says how each list is merged', () => {
      const lists = all.filter(({ node }) => node.type === 'array' && node['x-kubernetes-list-type'] === undefined)
      assert.deepEqual(
        lists.map(({ path }) => path),
        [],
      )
    })
  })
}

describe('a structural schema', () => {
  test('drops what zod adds of its own', () => {
    const node = structuralSchema(
      z.object({ count: z.int().min(0), kept: z.int().min(1).max(9), nothing: z.object({}) }),
    )
    assert.deepEqual(node, {
      type: 'object',
      required: ['count', 'kept', 'nothing'],
      properties: {
        count: { type: 'integer', minimum: 0 },
        kept: { type: 'integer', minimum: 1, maximum: 9 },
        nothing: { type: 'object' },
      },
    })
  })

  for (const [name, schema, message] of [
    ['a union', z.object({ a: z.union([z.string(), z.int()]) }), 'schema.a: a CRD of ours does not say anyOf'],
    ['a closed object', z.object({ a: z.strictObject({}) }), 'schema.a.additionalProperties: not a schema'],
    ['a pattern', z.array(z.string().regex(/a/)), 'schema.items: a CRD of ours does not say pattern'],
  ] as const) {
    test(`cannot be made from ${name}`, () => assert.throws(() => structuralSchema(schema), new Error(message)))
  }
})
