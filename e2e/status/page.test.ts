import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { eventually } from '../lab/eventually.ts'
import type { Secret } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { freePort } from '../lab/ports.ts'
import { certificateReady, certificateReference, requestReference } from '../lab/requests.ts'
import { issuerReference, issuerShows, type MeshIssuer } from '../stories/support-issuers.ts'
import { waiting } from '../stories/support-requests.ts'
import { openScene, type Scene } from '../stories/support-scene.ts'
import { axeFindings, openBrowser, type Theme, visit } from './browser.ts'

const TEAM = 'team'
const MANY = 500
function isPrivateKey(text: string): boolean {
  return text.includes('PRIVATE KEY-----')
}

const THEMES: readonly Theme[] = ['light', 'dark']
/** A wide window, half of one, and that of a phone. */
const WIDTHS = [1400, 1000, 420] as const
/** How many rows of each part the page has at once. */
const AT_ONCE = 50

describe('the status page in a browser', { timeout: 480_000 }, () => {
  let scene: Scene
  let browser: Browser
  let url: string
  let root: Authority
  before(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}/`
    const args = [`--status-addr=127.0.0.1:${port}`, '--recheck-interval=10m']
    scene = await openScene({ name: 'status-page', namespaces: [TEAM], controller: { args } })
    browser = await openBrowser(scene.lab.workspace)
    root = await createAuthority({ commonName: 'Root of the mesh' })
  })
  after(() => scene?.stop())

  /** Both themes, in windows of every width: photographs beside the logs, nothing complained of, nothing wrong for axe. */
  const looksWell = async (name: string): Promise<void> => {
    for (const theme of THEMES) for (const width of WIDTHS) await looksWellIn(name, theme, width)
  }
  const looksWellIn = async (name: string, theme: Theme, width: number): Promise<void> => {
    const { page, complaints } = await visit(browser, url, { theme, width })
    const what = `${name}-${theme}-${width}`
    await page.screenshot({ path: `${scene.lab.workspace.logs}/${what}.png` })
    assert.deepEqual(await axeFindings(page), [], what)
    assert.deepEqual(complaints, [], what)
    const background = theme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 28)'
    assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), background)
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, `${what} scrolls sideways`)
    await page.context().close()
  }
  const text = async (part: Locator): Promise<string> => (await part.textContent()) ?? ''
  const rows = (page: Page, section: string): Promise<readonly string[]> =>
    page.locator(`#${section} tbody tr`).allInnerTexts()

  test('without an issuer', async () => {
    await looksWell('none')
    const { page } = await visit(browser, url)
    assert.match(await text(page.locator('#issuers')), /There is no MeshCAIssuer/)
    assert.match(await text(page.locator('header')), /is acting in cluster [0-9a-f-]{36}\./)
    await page.context().close()
  })

  test('with a good issuer, one whose CA ends soon and a broken one', async () => {
    const { kube } = scene
    const policy = await createAuthority({ commonName: 'Policy', parent: root, pathLength: 1 })
    const old = await createAuthority({ commonName: 'Old', lifetimeMs: 3_600_000 * 24 * 20 })
    await kube.apply(caSecret(TEAM, 'good', policy))
    await kube.apply(caSecret(TEAM, 'old', old))
    for (const name of ['good', 'old', 'broken'])
      await kube.apply(issuer({ namespace: TEAM, name, spec: { ca: { secretRef: { name } } } }))
    await issuerShows(kube, issuerReference(TEAM, 'good'), 'Ready', 'True')
    await issuerShows(kube, issuerReference(TEAM, 'old'), 'Ready', 'True')
    await issuerShows(kube, issuerReference(TEAM, 'broken'), 'Ready', 'False')
    await kube.apply(meshCertificate({ namespace: TEAM, name: 'istio-ca', issuerName: 'good' }))
    await certificateReady(kube, certificateReference(TEAM, 'istio-ca'))
    await kube.apply(meshCertificate({ namespace: TEAM, name: 'stuck', issuerName: 'broken' }))
    await waiting(kube, requestReference(TEAM, 'stuck-1'), /not ready/)
    const told = ({ status }: MeshIssuer): boolean => status?.lastIssuance !== undefined
    await kube.waitFor<MeshIssuer>(issuerReference(TEAM, 'good'), told)
    await looksWell('three')
    const { page } = await visit(browser, url)
    const [broken = '', ending = '', good = '', ...more] = await rows(page, 'issuers')
    assert.deepEqual(more, [])
    assert.match(broken, /^team\/broken\nMeshCAIssuer, CA\s+✗ Not ready\s+.*Secret "?broken"?/s)
    assert.match(ending, /^team\/old\n.*! Ready, for now\s+CN=Old ends before a certificate of the default duration/s)
    assert.match(good, /^team\/good\n.*✓ Ready\s.*signs\s+CN=Policy\s+ends in .*root\s+CN=Root of the mesh\s+ends in/s)
    assert.match(good, /issued last \d+ \w+ ago: CertificateRequest team\/istio-ca-1/)
    assert.match((await rows(page, 'roots')).join('\n'), /CN=Root of the mesh .* active/)
    const [intermediate = '', ...others] = await rows(page, 'intermediates')
    assert.deepEqual(others, [])
    assert.match(intermediate, /^team\/istio-ca\s+team\/good\s+MeshCAIssuer\s+ends in 89 days .*in 59 days/s)
    assert.match((await rows(page, 'requests')).join('\n'), /^team\/stuck-1\n.*team\/broken\s+MeshCAIssuer.*not ready/s)
    const failures = (await rows(page, 'failures')).join('\n')
    assert.match(failures, /^team\/broken\s+MeshCAIssuer\s.*SecretNotFound/m)
    assert.match(failures, /^team\/stuck-1\s+CertificateRequest\s.*IssuerNotReady/m)
    await page.context().close()
  })

  test('it shows nothing of a Secret, and neither does the JSON', async () => {
    const { items } = await scene.kube.list<Secret>({ apiVersion: 'v1', kind: 'Secret', namespace: TEAM })
    const values = items.flatMap(({ data = {} }) => Object.values(data))
    const keys = values.map((value) => Buffer.from(value, 'base64').toString()).filter(isPrivateKey)
    assert.ok(keys.length >= 3)
    const pieces = keys.flatMap((key) => key.replace(/-----[^-]*-----|\s/g, '').match(/.{16}/g) ?? [])
    assert.ok(pieces.length > 30)
    for (const path of ['', 'status.json', '?refresh=off']) {
      const shown = await (await fetch(`${url}${path}`)).text()
      assert.match(shown, /team/)
      assert.deepEqual(
        pieces.filter((piece) => shown.includes(piece)),
        [],
      )
    }
  })

  test('by keyboard alone: past the head, through every table, and without loading again', async () => {
    const { page } = await visit(browser, url)
    const focused = (): Promise<string> =>
      page.evaluate(`(() => {
        const { activeElement: focused } = document
        const title = document.getElementById(focused.getAttribute('aria-labelledby'))
        return (title ?? focused).textContent.trim()
      })()`)
    const stops: string[] = []
    for (let count = 0; count < 12; count += 1) {
      await page.keyboard.press('Tab')
      stops.push(await focused())
    }
    assert.deepEqual(stops, [
      'Skip to the issuers',
      'stop that',
      'The same as JSON',
      '2 of 3 issuers can sign',
      '1 intermediate in use',
      '1 request in flight',
      '2 recent failures',
      'Issuers',
      'Roots in ca.crt',
      'Intermediates in use',
      'Requests in flight',
      'Recent failures',
    ])
    await page.goto(url)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#issuers$/)
    await page.goto(url)
    const again = page.waitForResponse(/refresh=off$/)
    await page.getByRole('link', { name: 'stop that' }).press('Enter')
    assert.equal((await again).headers().refresh, undefined)
    assert.match(await text(page.locator('header')), /It stays as it is/)
    await page.context().close()
  })

  test('without scripts, and again by itself, where the reader has scrolled to', async () => {
    const still = await visit(browser, url, { scripts: false })
    assert.equal((await rows(still.page, 'issuers')).length, 3)
    await still.page.context().close()
    const { page } = await visit(browser, 'about:blank')
    // Half a minute is too long to wait for.
    await page.route(url, async (route) => {
      const answer = await route.fetch()
      assert.equal(answer.headers().refresh, '30')
      await route.fulfill({ response: answer, headers: { ...answer.headers(), refresh: '1' } })
    })
    await page.goto(url)
    await page.evaluate('scrollTo(0, 200)')
    await page.waitForEvent('load')
    assert.equal(await page.evaluate('scrollY'), 200)
    await page.context().close()
  })

  test(`with ${MANY} issuers`, async () => {
    const { kube } = scene
    const names = Array.from({ length: MANY - 3 }, (_, index) => `many-${index}`)
    for (let start = 0; start < names.length; start += 50) {
      const spec = { ca: { secretRef: { name: 'good' } } }
      await Promise.all(
        names.slice(start, start + 50).map((name) => kube.apply(issuer({ namespace: TEAM, name, spec }))),
      )
    }
    await eventually({ what: 'That all are ready', withinMs: 120_000, everyMs: 500 }, async () => {
      const { body } = await scene.controller.get('/metrics')
      const ready = body.match(/^meshca_issuer_ready\{[^}]*\} 1$/gm) ?? []
      return ready.length === MANY - 1 ? true : undefined
    })
    await looksWell('many')
    const { page, complaints } = await visit(browser, url)
    const shown = await rows(page, 'issuers')
    assert.equal(shown.length, AT_ONCE)
    assert.match(shown[0] ?? '', /^team\/broken\n/)
    assert.match(await text(page.locator('nav')), new RegExp(`${MANY - 1} of ${MANY} issuers can sign`))
    assert.match(await text(page.locator('#issuers')), new RegExp(`${MANY - AT_ONCE} more are not shown`))
    await page.getByRole('link', { name: 'Show all' }).click()
    await page.waitForURL(/\?rows=all#issuers$/)
    assert.equal(await page.locator('#issuers tbody tr').count(), MANY)
    // Of so many rows axe would look at the colours for half a minute; those of fifty were looked at above.
    assert.deepEqual(await axeFindings(page, ['color-contrast']), [])
    assert.deepEqual(complaints, [])
    await page.context().close()
  })
})
