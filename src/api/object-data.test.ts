import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataOf } from './object-data.ts'

const ROWS = [
  ['Secret', { data: { 'tls.crt': 'w7xtbGF1dA==' } }, { 'tls.crt': 'ümlaut' }],
  ['ConfigMap', { data: { 'ca.crt': 'w7xtbGF1dA==' } }, { 'ca.crt': 'w7xtbGF1dA==' }],
  ['Secret', { data: { a: 'YQ==', b: 7, c: null, d: ['YQ=='] } }, { a: 'a' }],
  ['Secret', { data: null }, {}],
  ['Secret', { data: 'YQ==' }, {}],
  ['ConfigMap', { binaryData: { a: 'YQ==' } }, {}],
  ['Secret', null, {}],
] as const

for (const [kind, object, values] of ROWS) {
  test(`the values of a ${kind} ${JSON.stringify(object)}`, () => {
    assert.deepEqual(dataOf(kind, object), values)
  })
}
