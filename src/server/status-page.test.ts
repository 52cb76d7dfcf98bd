import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEST_NOW } from '../testing/certificates.ts'
import {
  testBusyOverview,
  testIntermediateView,
  testIssuerView,
  testLargeOverview,
  testOverview,
  testRequestView,
} from '../testing/overview.ts'
import type { Overview } from './overview.ts'
import { statusPage } from './status-page.ts'

const DAY_MS = 86_400_000
const OPTIONS = { refreshSeconds: 30, whole: false }

/** What a reader meets: headings and links with a mark, cells with a bar between, a line each. */
function reading(overview: Overview): readonly string[] {
  return statusPage(overview, OPTIONS)
    .replace(/^.*<body>/s, '')
    .replace(/<h([12])[^>]*>/g, '\n$1# ')
    .replace(/<meter [^>]*aria-label="([^"]*)"[^>]*>[^<]*<\/meter>/g, '[$1] ')
    .replace(/\s*<\/t[hd]>\s*/g, ' | ')
    .replace(/<(?:(?:li|p|tr|br|section|\/table)\b|span class="quiet below")[^>]*>/g, '\n')
    .replace(/<[^>]+>/g, '')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

test('without issuers it says so, and what to do', () => {
  assert.deepEqual(reading(testOverview()), [
    'Skip to the issuers',
    '1# mesh-ca-issuer',
    'mesh-ca-issuer-7d9f_6f1c is acting in cluster cluster-1.',
    'As of 2026-11-23 12:00 UTC. It is shown anew every 30 seconds; stop that. The same as JSON',
    'No issuersApply one to begin.',
    '0 intermediates in useNo end is known yet.',
    'No request waitsAll are settled.',
    'No failuresSince this process started.',
    '2# Issuers',
    'Those with a problem first, then those whose CA ends first.',
    'There is no MeshCAIssuer and no MeshCAClusterIssuer yet. Apply one to begin: config/samples has some.',
    '2# Roots in ca.crt',
    'Equal bundles have equal fingerprints, in other clusters too. The active root is the one that the CA chains to.',
    'No issuer publishes roots yet.',
    '2# Intermediates in use',
    "What the Certificates of mesh CAs carry. Renewal is by cert-manager's default, two thirds into a life; a Certificate with renewBefore has its own.",
    'No Certificate of a mesh CA was issued yet.',
    '2# Requests in flight',
    'Approved and not settled, the oldest first; beside them 0 not approved yet and 0 settled.',
    'No approved request waits.',
    '2# Recent failures',
    'The last fifty that this process met since its start, the newest first.',
    'None since this process started.',
  ])
})

test('with something of everything, each thing stands in words', () => {
  const lines = reading(testBusyOverview())
  const from = (heading: string): readonly string[] => {
    const start = lines.indexOf(`2# ${heading}`)
    const length = lines.slice(start + 1).findIndex((line) => line.startsWith('2# '))
    return lines.slice(start + 2, length < 0 ? undefined : start + 1 + length)
  }
  assert.deepEqual(lines.slice(4, 8), [
    '2 of 3 issuers can signWhat is wrong stands below.',
    '2 intermediates in use1 due for renewal. The first ends in 5 days.',
    '1 request in flightThe oldest for 10 minutes. 1 not approved yet.',
    '2 recent failuresThe last 60 seconds ago.',
  ])
  const chain = (first: string) => [
    first,
    'above it CN=Policy CA,O=Example [79 % of its life is left] ends in 4 years (2031-01-01)',
    'root CN=Mesh Root G1,O=Example [82 % of its life is left] ends in 8 years (2035-02-09) |',
  ]
  assert.deepEqual(from('Issuers'), [
    'Issuer | State | From the CA that signs to its root |',
    'team-a/broken',
    'MeshCAIssuer, CA | ✗ Not ready',
    'the Secret "ca" does not exist in namespace team-a; create it, or correct the name in spec.ca.secretRef | not known |',
    'ageing',
    'MeshCAClusterIssuer, Vault | ! Ready, for now',
    'CN=Mesh CA eu-west,O=Example ends before a certificate of the default duration (2160h) would, so requests for as much wait; renew it',
    'issued last 24 hours ago: CertificateRequest istio-system/istio-ca-7 |',
    ...chain('signs CN=Mesh CA eu-west,O=Example [8 % of its life is left] ends in 25 days (2026-12-18)'),
    'istio-system/mesh',
    'MeshCAIssuer, AWSPrivateCA | ✓ Ready',
    'issued last 24 hours ago: CertificateRequest istio-system/istio-ca-7 |',
    ...chain('signs CN=Mesh CA eu-west,O=Example [70 % of its life is left] ends in 700 days (2028-10-23)'),
  ])
  assert.deepEqual(from('Roots in ca.crt'), [
    'SHA-256 of ca.crt | Roots | Issuers that publish it |',
    '78dde6c478dde6c4 |',
    'CN=Mesh Root G1,O=Example 9e3779b19e3779b1 activeends in 8 years (2035-02-09)',
    'CN=Mesh Root G2,O=Example c5c5c5c5c5c5c5c5ends in 14 years (2041-09-05) | ageing, istio-system/mesh |',
  ])
  assert.deepEqual(from('Intermediates in use'), [
    'Certificate | Issuer | Life | Next renewal | Roots that it carries |',
    'team-b/late | istio-system/mesh',
    'MeshCAIssuer | [6 % of its life is left] ends in 5 days (2026-11-28 12:00 UTC) | ! due for 25 days | signed under 9e3779b19e3779b1, one of 2 in its ca.crt',
    'so since 2026-07-26 12:00 UTC |',
    'istio-system/istio-ca | istio-system/mesh',
    'MeshCAIssuer | [67 % of its life is left] ends in 60 days (2027-01-22) | in 30 days (2026-12-23) | signed under 9e3779b19e3779b1, one of 2 in its ca.crt',
    'so since 2026-07-26 12:00 UTC |',
  ])
  assert.deepEqual(from('Requests in flight'), [
    'Request | Issuer | Approved | Why it waits |',
    'team-a/mesh-ca-2',
    'CertificateRequest | team-a/broken',
    'MeshCAIssuer | 10 minutes ago (2026-11-23 11:50 UTC) | the issuer is not ready: the Secret "ca" does not exist in namespace team-a |',
  ])
  assert.deepEqual(from('Recent failures').slice(0, 3), [
    'What | When | Reason | In words |',
    'team-a/broken',
    'MeshCAIssuer | 60 seconds ago (2026-11-23 11:59 UTC) | SecretMissing (3 times) | the Secret "ca" does not exist in namespace team-a; create it, or correct the name in spec.ca.secretRef |',
  ])
})

const DETAILS: readonly (readonly [name: string, overview: Overview, words: RegExp])[] = [
  [
    'what keeps the process from being ready',
    testOverview({ process: { identity: 'p', role: 'starting', namespaces: [], problems: ['one', 'two'] } }),
    /p is <b>starting<\/b>\.<\/p>\s*<p class="state bad">Not ready: one<\/p>\s*<p class="state bad">Not ready: two/,
  ],
  [
    'that it serves one namespace',
    testOverview({ process: { identity: 'p', role: 'standing by', lease: 'team-a', namespaces: ['a'], problems: [] } }),
    /p is <b>standing by<\/b>, and serves a and no other namespace\. The replica/,
  ],
  [
    'that it serves some namespaces, and what it leaves to others',
    testOverview({
      process: { identity: 'p', role: 'standing by', lease: 'team-a', namespaces: ['a', '<b>'], problems: [] },
      requests: {
        counts: [{ kind: 'k', states: { unapproved: 0, open: 0, denied: 0, settled: 0, elsewhere: 2 } }],
        inFlight: [],
      },
    }),
    /serves a, &lt;b&gt; and no other namespace\. The [\s\S]*and 0 settled\. 2 more requests left to the installation that serves their issuers\.<\/p>/,
  ],
  [
    'a change that is held back',
    testOverview({ issuers: [testIssuerView({ state: 'held', problems: ['x'] })] }),
    /state warn"><span aria-hidden="true">‖ <\/span>Change of trust held back/,
  ],
  [
    'an issuer that was not checked',
    testOverview({ issuers: [testIssuerView({ state: 'unchecked' })] }),
    /Not checked yet/,
  ],
  [
    'a limit of the PKI that requests wait for, and none where nobody waits',
    testOverview({
      issuers: [
        testIssuerView({
          problems: ['x'],
          quotas: [
            { operation: 'IssueCertificate', perSecond: 12.54, tokens: 0.2, waiting: 7 },
            { operation: 'GetCertificate', perSecond: 75, tokens: 75, waiting: 0 },
          ],
        }),
      ],
    }),
    /<p>x<\/p><p>7 requests in line for IssueCertificate, 12\.5 of which the PKI lets through in a second<\/p><p class="quiet">issued last/,
  ],
  [
    'a CA that ended',
    testOverview({
      issuers: [
        testIssuerView({
          chain: [
            { role: 'signs', subject: 's', fingerprint: 'f', notBefore: TEST_NOW - 2 * DAY_MS, notAfter: TEST_NOW },
          ],
        }),
      ],
    }),
    /value="0" [^>]*>0 %<\/meter><span>ended 0 seconds ago/,
  ],
  [
    'a CA that is not valid yet',
    testOverview({
      issuers: [
        testIssuerView({
          chain: [
            {
              role: 'signs',
              subject: 's',
              fingerprint: 'f',
              notBefore: TEST_NOW + DAY_MS,
              notAfter: TEST_NOW + 3 * DAY_MS,
            },
          ],
        }),
      ],
    }),
    /value="100"/,
  ],
  [
    'an end that is not known',
    testOverview({ intermediates: [omit(testIntermediateView(), 'notAfter')] }),
    /its end is not known here/,
  ],
  [
    'rows that are left out',
    testLargeOverview(52),
    /<p>2 more are not shown\. <a href="\?rows=all#issuers">Show all<\/a><\/p>/,
  ],
  ['how many there are all the same', testLargeOverview(1203), /1203 of 1203 issuers can sign/],
  [
    'requests that are left out',
    testOverview({ requests: { counts: [], inFlight: Array.from({ length: 51 }, () => testRequestView()) } }),
    /<p>1 more are not shown\. <a href="\?rows=all#requests">/,
  ],
  [
    'that nothing waits but for approval',
    testOverview({
      requests: {
        counts: [
          { kind: 'CertificateRequest', states: { unapproved: 3, open: 0, denied: 0, settled: 0, elsewhere: 0 } },
        ],
        inFlight: [],
      },
    }),
    /<li class="none"><a href="#requests"><b>No request waits<\/b><\/a>3 not approved yet\.<\/li>/,
  ],
  [
    'who knows more than one that stands by',
    testOverview({ process: { identity: 'p', role: 'standing by', lease: 'team-a', namespaces: [], problems: [] } }),
    /p is <b>standing by<\/b>\. The replica that acts, which the Lease team-a names, knows more\.<\/p>/,
  ],
  ['that many issuers publish a bundle', testLargeOverview(5), /team-0\/mesh, team-1\/mesh, team-2\/mesh and 2 more/],
]

for (const [name, overview, words] of DETAILS)
  test(`shows ${name}`, () => assert.match(statusPage(overview, OPTIONS), words))

function omit(
  view: ReturnType<typeof testIntermediateView>,
  name: 'notAfter',
): ReturnType<typeof testIntermediateView> {
  const { [name]: _, ...rest } = view
  return rest
}

test('whoever stopped the page from loading again may start it', () => {
  const page = statusPage(testOverview(), { ...OPTIONS, refreshSeconds: undefined })
  assert.match(page, /<a href="\.\/">show it anew every half minute<\/a>/)
  assert.doesNotMatch(page, /refresh=off/)
})

test('it fetches nothing, runs nothing and styles nothing on the side', () => {
  const page = statusPage(testBusyOverview(), OPTIONS)
  assert.doesNotMatch(
    page,
    /<(?:script|link|img|iframe|object|embed|base|form|input|svg)\b|\bon[a-z]+=|\bstyle=|\bsrc=|url\(|@import/i,
  )
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
  assert.deepEqual(links, [
    '#issuers',
    '?refresh=off',
    'status.json',
    '#issuers',
    '#intermediates',
    '#requests',
    '#failures',
  ])
})

test('every id is there once, and every link inside the page leads somewhere', () => {
  const page = statusPage(testBusyOverview(), OPTIONS)
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const [, id] of page.matchAll(/href="#([^"]*)"/g)) assert.ok(ids.includes(id), id)
})
