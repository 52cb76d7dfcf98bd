import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { testBusyOverview, testIntermediateView, testLargeOverview, testOverview } from '../testing/overview.ts'
import { statusJson } from './status-json.ts'

test('instants are RFC 3339, durations seconds, and what is not known is not there', () => {
  const { at, intermediates, issuers, omitted } = JSON.parse(statusJson(testBusyOverview()))
  assert.equal(at, '2026-11-23T12:00:00Z')
  assert.deepEqual(intermediates[1], {
    ...testIntermediateView(),
    issuedAt: '2026-10-24T12:00:00Z',
    carriedSince: '2026-07-26T12:00:00Z',
    notBefore: '2026-10-24T12:00:00Z',
    notAfter: '2027-01-22T12:00:00Z',
    renewalAt: '2026-12-23T12:00:00Z',
  })
  assert.equal(issuers[1].defaultDurationSeconds, 7_776_000)
  assert.equal('defaultDurationMs' in issuers[1], false)
  assert.deepEqual(issuers[0].chain, [])
  assert.equal('trustBundle' in issuers[0], false)
  assert.deepEqual(omitted, { issuers: 0, intermediates: 0, inFlight: 0 })
})

test('what is beyond a thousand is left out, and counted', () => {
  const { issuers, intermediates, omitted } = JSON.parse(statusJson(testLargeOverview(1203)))
  assert.deepEqual([issuers.length, intermediates.length], [1000, 1000])
  assert.deepEqual(omitted, { issuers: 203, intermediates: 203, inFlight: 0 })
})

test('no number is an instant that was forgotten', () => {
  for (const text of [statusJson(testBusyOverview()), statusJson(testOverview())])
    assert.doesNotMatch(text, /\b\d{12,}\b/)
})

test('docs/status-page.md names every member', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/status-page.md'), 'utf8')
  const spans = [...page.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
  const documented = new Set(spans.flatMap((span) => span.split(/\W+/)))
  const names = new Set<string>()
  JSON.parse(statusJson(testBusyOverview()), (key, value) => {
    if (/^[a-z]/i.test(key)) names.add(key)
    return value
  })
  assert.ok(names.has('carriedSince') && names.has('times'))
  assert.deepEqual(
    [...names].filter((name) => !documented.has(name)),
    [],
  )
})
