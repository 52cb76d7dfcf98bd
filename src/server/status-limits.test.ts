import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testIssuerView, testLargeOverview, testOverview } from '../testing/overview.ts'
import { statusPage } from './status-page.ts'

const OPTIONS = { refreshSeconds: 30, whole: false }

test('a page is as large for a thousand issuers as for fifty, and has those that need attention most', () => {
  const rows = (page: string): number => page.split('<th scope="row">').length - 1
  const [fifty, thousand] = [statusPage(testLargeOverview(50), OPTIONS), statusPage(testLargeOverview(1000), OPTIONS)]
  // Fifty issuers, fifty intermediates, one bundle.
  assert.deepEqual([rows(fifty), rows(thousand)], [101, 101])
  assert.ok(thousand.length < fifty.length + 500)
  assert.match(thousand, /team-49\/mesh/)
  assert.doesNotMatch(thousand, /team-50\/mesh/)
})

test('whoever wants every row has them, up to a thousand, and keeps them while the page is shown anew', () => {
  const page = statusPage(testLargeOverview(1203), { ...OPTIONS, whole: true })
  assert.match(page, /team-999\/mesh/)
  assert.equal(page.split('<p>203 more are not shown.</p>').length, 3)
  assert.match(page, /href="\?refresh=off&amp;rows=all">stop that/)
  const still = statusPage(testLargeOverview(60), { refreshSeconds: undefined, whole: false })
  assert.match(still, /href="\?refresh=off&amp;rows=all#issuers">Show all/)
  assert.match(statusPage(testOverview(), { refreshSeconds: undefined, whole: true }), /href="\?rows=all">show it anew/)
})

test('a bundle that no row of an issuer shows is there all the same', () => {
  const spare = testIssuerView({ name: 'spare', trustBundle: { sha256: 'ab'.repeat(32), roots: [] } })
  const { issuers, ...rest } = testLargeOverview(60)
  const page = statusPage({ ...rest, issuers: [...issuers, spare] }, OPTIONS)
  assert.match(page, /<code title="(?:ab){32}">/)
})
