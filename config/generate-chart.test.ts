import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chartReadme, valuesSchema } from './generate-chart-pages.ts'
import { chartValues } from './generate-chart-values.ts'

const VALUES = `# About the file.

## One

# Words of
# two lines.
# @schema {"minimum": 1}
count: 2
# A group.
group:
  enabled: false
  # Text | more.
  name: ""
  # Filled in by users.
  # @schema {"additionalProperties": {"type": "string"}}
  labels:
    given: "1"

## Two

# Some.
# @schema {"items": {"type": "string"}}
list:
  - a
# Anything.
open: {}
`

describe('the pages made of values.yaml', () => {
  test('are a schema that refuses what is not there', () => {
    const { properties, additionalProperties } = JSON.parse(valuesSchema(chartValues(VALUES)))
    const { global, enabled, ...own } = properties
    assert.deepEqual([additionalProperties, global.type, enabled.type], [false, 'object', 'boolean'])
    assert.deepEqual(own, {
      count: { description: 'Words of two lines.', type: 'integer', default: 2, minimum: 1 },
      group: {
        description: 'A group.',
        type: 'object',
        additionalProperties: false,
        properties: {
          enabled: { type: 'boolean', default: false },
          name: { description: 'Text | more.', type: 'string', default: '' },
          labels: {
            description: 'Filled in by users.',
            type: 'object',
            default: { given: '1' },
            additionalProperties: { type: 'string' },
          },
        },
      },
      list: { description: 'Some.', type: 'array', default: ['a'], items: { type: 'string' } },
      open: { description: 'Anything.', type: 'object', default: {} },
    })
  })

  test('are a table for each heading', () => {
    const readme = chartReadme(chartValues(VALUES))
    assert.equal(
      readme.slice(readme.indexOf('## One')),
      `## One

| value | default | |
|---|---|---|
| \`count\` | \`2\` | Words of two lines. |
| \`group\` | | A group. |
| \`group.enabled\` | \`false\` | |
| \`group.name\` | \`""\` | Text \\| more. |
| \`group.labels\` | \`{"given":"1"}\` | Filled in by users. |

## Two

| value | default | |
|---|---|---|
| \`list\` | \`["a"]\` | Some. |
| \`open\` | \`{}\` | Anything. |
`,
    )
  })

  for (const [what, yaml, message] of [
    ['a value without words', 'count: 2\n', 'values.yaml: nothing is said above count.'],
    ['a switch of a group without words', 'group:\n  enabled: true\n', 'nothing is said above group.enabled.'],
    ['words that belong to the value before', '# A.\na: 1\nb: 2\n', 'nothing is said above b.'],
    ['a schema that is no JSON', '# A.\n# @schema {minimum: 1}\na: 1\n', '@schema says above a is not a JSON object.'],
    ['a schema that is no object', '# A.\n# @schema 1\na: 1\n', '@schema says above a is not a JSON object.'],
    ['no values at all', '[]\n', 'the whole is not a group of values.'],
  ] as const) {
    test(`are not made of ${what}`, () => {
      assert.throws(
        () => chartValues(yaml),
        (error: Error) => error.message.includes(message),
      )
    })
  }
})
