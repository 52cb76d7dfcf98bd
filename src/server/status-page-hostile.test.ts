import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testBusyOverview } from '../testing/overview.ts'
import type { Overview } from './overview.ts'
import { statusPage } from './status-page.ts'

const OPTIONS = { refreshSeconds: 30, whole: false }

/** The overview with every text replaced; what is counted, compared or chosen from a list stays. */
function filledWith(text: string): Overview {
  const overview = testBusyOverview()
  const fill = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return ['state', 'role'].includes(key) ? value : text
    if (Array.isArray(value)) return value.map((item) => fill(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member, name)]))
  }
  return { ...overview, ...Object(fill(overview)) }
}

test('whatever texts it is given, the markup is the same: nothing of them is taken for markup', () => {
  const tags = (page: string): readonly string[] =>
    (page.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/ title="[^"<>]*"/, ' title=""'))
  const expected = tags(statusPage(filledWith('plain'), OPTIONS))
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '</title><script>alert(1)</script>',
      '" onmouseover="x',
      "'><img src=x>",
      '<!--',
      ']]>',
      '</style>',
      '\u202e<',
    ),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      const page = statusPage(filledWith(text), OPTIONS)
      assert.deepEqual(tags(page), expected)
      assert.equal(page.split('<').length, expected.length + 1)
    }),
    { numRuns: 200 },
  )
})
