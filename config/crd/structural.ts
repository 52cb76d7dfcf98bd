import { z } from 'zod'

/** A node of a CRD schema. */
export type SchemaNode = Readonly<Record<string, unknown>>

/** The order in which the keys of a node are written, so that files read alike and stay the same. */
const KEYS = [
  'description',
  'type',
  'format',
  'enum',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'required',
  'properties',
  'additionalProperties',
  'items',
  'x-kubernetes-validations',
] as const

/**
 * The structural schema of a CRD for a zod schema.
 * @throws {Error} naming the place where zod says what a structural schema cannot (a union, a closed object), or what a
 * rule with a message says better (a pattern).
 */
export function structuralSchema(schema: z.ZodType): SchemaNode {
  return restrict(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }), 'schema')
}

function restrict(value: unknown, path: string): SchemaNode {
  if (!isNode(value)) throw new Error(`${path}: not a schema`)
  const unknown = Object.keys(value).filter((key) => !KEYS.some((known) => known === key))
  if (unknown.length > 0) throw new Error(`${path}: a CRD of ours does not say ${unknown.join(', ')}`)
  const entries = KEYS.flatMap((key) =>
    value[key] === undefined ? [] : [[key, rewrite(key, value[key], path)] as const],
  )
  return Object.fromEntries(entries.filter(([key, child]) => !saysNothing(key, child)))
}

/** zod bounds every integer by what JavaScript can count to, and writes an object without members as having none. */
function saysNothing(key: string, value: unknown): boolean {
  if (key === 'maximum') return value === Number.MAX_SAFE_INTEGER
  return key === 'properties' && isNode(value) && Object.keys(value).length === 0
}

function rewrite(key: string, value: unknown, path: string): unknown {
  if (key === 'items' || key === 'additionalProperties') return restrict(value, `${path}.${key}`)
  if (key !== 'properties' || !isNode(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, restrict(child, `${path}.${name}`)]))
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
