import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OID } from '../pki/extensions.ts'
import { EKU } from '../pki/key-usage.ts'
import { TEST_NOW, type TestCertificate, testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { type CacertsFacts, type CacertsReport, judgeCacerts } from './cacerts.ts'
import type { FindingCode } from './finding.ts'

const DAY_MS = 86_400_000
const keys = testKeys()
const MESH = { trustDomain: 'cluster.local', namespace: 'istio-system', revisions: [], extraDNSNames: [] }

const ROOT = testCa({ subject: 'CN=Root' })
const ROOT2 = testCa({ subject: 'CN=Root 2' })
const SUB = testIntermediate(ROOT, { subject: 'CN=Sub', pathLength: 1, notAfter: TEST_NOW + 900 * DAY_MS })
const INT = testIntermediate(SUB, { subject: 'CN=Int' })
const TWO = testIntermediate(ROOT, { subject: 'CN=Int' })

function pem(...certificates: readonly TestCertificate[]): string {
  return certificates.map(({ certificatePem }) => certificatePem).join('')
}

/** tls.crt, ca.crt, and the key of the first. */
function tls(
  chain: readonly TestCertificate[],
  roots: readonly TestCertificate[],
  change: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { 'tls.crt': pem(...chain), 'tls.key': chain[0]?.privateKeyPem ?? '', 'ca.crt': pem(...roots), ...change }
}

function judged(data: Readonly<Record<string, string>>, change: Partial<CacertsFacts> = {}): CacertsReport {
  const facts = { data, withKey: true, where: 'Secret cacerts', mesh: MESH, workloadTtlMs: DAY_MS, now: TEST_NOW }
  return judgeCacerts({ ...facts, ...change })
}

/** What a running istiod said or did: see the rows of its behaviour that each name is taken from. */
interface Row {
  readonly name: string
  readonly data: Readonly<Record<string, string>>
  /** Whether it starts. */
  readonly up: boolean
  /** Who is refused once it runs; undefined where it does not, or nobody below another CA was asked. */
  readonly refused?: readonly ('server' | 'client' | 'istiod')[]
  readonly codes: readonly FindingCode[]
}

const EVERYBODY = ['server', 'client', 'istiod'] as const
const BROKEN_MESH: readonly FindingCode[] = ['WorkloadRefused', 'IstiodRefused']
const JUNK = '-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n'

const below = (issuer: TestCertificate, options: Parameters<typeof testIntermediate>[1]): TestCertificate =>
  testIntermediate(issuer, { subject: 'CN=Int', ...options })
const subOf = (options: Parameters<typeof testIntermediate>[1]): TestCertificate =>
  testIntermediate(ROOT, { subject: 'CN=Sub', pathLength: 1, notAfter: TEST_NOW + 900 * DAY_MS, ...options })

const SUB_0 = subOf({ pathLength: 0 })
const ROOT_1 = testCa({ subject: 'CN=Root', pathLength: 1 })
const SUB_R1 = testIntermediate(ROOT_1, { subject: 'CN=Sub', pathLength: null, notAfter: TEST_NOW + 900 * DAY_MS })
const CODE_SUB = subOf({ extKeyUsage: ['1.3.6.1.5.5.7.3.3'] })
const OLD_SUB = subOf({ notAfter: TEST_NOW - DAY_MS / 2 })
const TWIN = testCa({ subject: 'CN=Root', key: keys('ECDSA-P256', 'twin') })
const OLD_ROOT = testCa({ subject: 'CN=Root', notAfter: TEST_NOW - DAY_MS / 2 })
const SHORT_ROOT = testCa({ subject: 'CN=Root', notAfter: TEST_NOW + 10 * DAY_MS })
const EC_PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'

const ROWS: readonly Row[] = [
  { name: '01 int and sub, root', data: tls([INT, SUB], [ROOT]), up: true, refused: [], codes: [] },
  { name: '02 the root in tls.crt too', data: tls([INT, SUB, ROOT], [ROOT]), up: true, refused: [], codes: [] },
  { name: '03 sub missing', data: tls([INT], [ROOT]), up: false, codes: ['ChainBroken'] },
  { name: '04 sub for a root', data: tls([INT, SUB], [SUB]), up: true, codes: ['RootNotSelfSigned'] },
  { name: '05 sub for a root, and not in tls.crt', data: tls([INT], [SUB]), up: true, codes: ['RootNotSelfSigned'] },
  {
    name: '06 sub beside the root',
    data: tls([INT, SUB], [SUB, ROOT]),
    up: true,
    refused: [],
    codes: ['AnchorNotRoot'],
  },
  { name: '07 another root before the root', data: tls([INT, SUB], [ROOT2, ROOT]), up: true, refused: [], codes: [] },
  { name: '08 another root', data: tls([INT, SUB], [ROOT2]), up: false, codes: ['ChainBroken'] },
  {
    name: '09 sub before int',
    data: tls([SUB, INT], [ROOT], { 'tls.key': INT.privateKeyPem }),
    up: false,
    codes: ['KeyMismatch'],
  },
  {
    name: '10 sub of path length 0',
    data: tls([below(SUB_0, {}), SUB_0], [ROOT]),
    up: true,
    refused: EVERYBODY,
    codes: BROKEN_MESH,
  },
  {
    name: '11 root of path length 1 over two CAs',
    data: tls([below(SUB_R1, {}), SUB_R1], [ROOT_1]),
    up: true,
    refused: EVERYBODY,
    codes: BROKEN_MESH,
  },
  {
    name: '12 int without keyCertSign',
    data: tls([below(SUB, { keyUsage: ['digitalSignature'] }), SUB], [ROOT]),
    up: true,
    refused: EVERYBODY,
    codes: BROKEN_MESH,
  },
  {
    name: '13 int is no CA',
    data: tls([testLeaf(SUB, { extKeyUsage: [] }), SUB], [ROOT]),
    up: false,
    codes: ['NotACA'],
  },
  {
    name: '14 int for clients only',
    data: tls([below(SUB, { extKeyUsage: [EKU.clientAuth] }), SUB], [ROOT]),
    up: false,
    codes: ['ChainUnusable'],
  },
  {
    name: '15 int for servers only',
    data: tls([below(SUB, { extKeyUsage: [EKU.serverAuth] }), SUB], [ROOT]),
    up: true,
    refused: ['client'],
    codes: ['WorkloadRefused'],
  },
  {
    name: '16 sub for code signing',
    data: tls([below(CODE_SUB, {}), CODE_SUB], [ROOT]),
    up: false,
    codes: ['ChainUnusable'],
  },
  {
    name: '17 int expired',
    data: tls([below(SUB, { notAfter: TEST_NOW - 1000 }), SUB], [ROOT]),
    up: false,
    codes: ['CertificateExpired'],
  },
  {
    name: '18 int of the future',
    data: tls([below(SUB, { notBefore: TEST_NOW + 3_600_000 }), SUB], [ROOT]),
    up: false,
    codes: ['CertificateNotYetValid'],
  },
  {
    name: '19 sub expired',
    data: tls([below(OLD_SUB, {}), OLD_SUB], [ROOT]),
    up: false,
    codes: ['CertificateExpired'],
  },
  {
    name: '20 int with Ed25519',
    data: tls([below(SUB, { key: 'Ed25519' }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: ['KeyKindUnusual'],
  },
  {
    name: '21 int with P-521',
    data: tls([below(SUB, { key: 'ECDSA-P521' }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: ['KeyKindUnusual'],
  },
  {
    name: '22 constrained to other DNS names',
    data: tls([below(SUB, { nameConstraints: constraints({ dnsDomains: ['example.org'] }) }), SUB], [ROOT]),
    up: true,
    refused: ['istiod'],
    codes: ['IstiodRefused'],
  },
  {
    name: '23 constrained to another trust domain',
    data: tls([below(SUB, { nameConstraints: constraints({ uriDomains: ['other.domain'] }) }), SUB], [ROOT]),
    up: true,
    refused: ['server', 'client'],
    codes: ['WorkloadRefused'],
  },
  {
    name: '24 constrained to the trust domain',
    data: tls([below(SUB, { nameConstraints: constraints({ uriDomains: ['cluster.local'] }) }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: [],
  },
  { name: '25 ca.crt empty', data: tls([INT, SUB], []), up: false, codes: ['CacertsIncomplete', 'ChainBroken'] },
  {
    name: '26 a block in ca.crt that is no certificate',
    data: tls([INT, SUB], [ROOT], { 'ca.crt': pem(ROOT) + JUNK }),
    up: false,
    codes: ['PemUnreadable'],
  },
  { name: '27 two levels', data: tls([TWO], [ROOT]), up: true, refused: [], codes: [] },
  {
    name: '28 two levels, no newline at the end of tls.crt',
    data: tls([TWO], [ROOT], { 'tls.crt': pem(TWO).trimEnd() }),
    up: false,
    codes: ['NewlineMissing'],
  },
  {
    name: '29 three levels, no newline at the end of tls.crt',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': pem(INT, SUB).trimEnd() }),
    up: false,
    codes: ['NewlineMissing'],
  },
  {
    name: '30 no newline at the end of ca.crt',
    data: tls([INT, SUB], [ROOT], { 'ca.crt': pem(ROOT).trimEnd() }),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '31 lines that end as on Windows',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': crlf(pem(INT, SUB)), 'ca.crt': crlf(pem(ROOT)) }),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '32 text around the blocks',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': `Int:\n${pem(INT)}Sub:\n${pem(SUB)}` }),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '34 EC PARAMETERS before the key',
    data: tls([INT, SUB], [ROOT], { 'tls.key': EC_PARAMETERS + INT.privateKeyPem }),
    up: false,
    codes: ['KeyUnreadable'],
  },
  {
    name: '35 RSA, key in PKCS #1',
    data: rsaCacerts(),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '36 P-384',
    data: tls([below(SUB, { key: 'ECDSA-P384' }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '37 int for servers and clients',
    data: tls([below(SUB, { extKeyUsage: [EKU.serverAuth, EKU.clientAuth] }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '38 two roots of one name, int without AKI',
    data: tls([below(ROOT, { without: [OID.authorityKeyIdentifier] })], [TWIN, ROOT]),
    up: true,
    refused: [],
    codes: ['IdentifierMissing', 'RootNamesCollide'],
  },
  {
    name: '39 two roots of one name',
    data: tls([TWO], [TWIN, ROOT]),
    up: true,
    refused: [],
    codes: ['RootNamesCollide'],
  },
  {
    name: '40 int without SKI',
    data: tls([below(SUB, { without: [OID.subjectKeyIdentifier] }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: ['IdentifierMissing'],
  },
  {
    name: '41 int of one hour',
    data: tls([below(SUB, { notAfter: TEST_NOW + 3_600_000 }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: ['CAEndsSoon'],
  },
  { name: '42 root expired', data: tls([below(OLD_ROOT, {})], [OLD_ROOT]), up: false, codes: ['CertificateExpired'] },
  {
    name: '43 root ends before int',
    data: tls([below(SHORT_ROOT, {})], [SHORT_ROOT]),
    up: true,
    refused: [],
    codes: ['ChainEndsFirst'],
  },
  { name: '44 the root itself', data: tls([ROOT], [ROOT]), up: true, refused: [], codes: ['SelfSignedCA'] },
  {
    name: '45 key of another certificate',
    data: tls([INT, SUB], [ROOT], { 'tls.key': SUB.privateKeyPem }),
    up: false,
    codes: ['KeyMismatch'],
  },
  { name: '46 sub in ca.crt only', data: tls([INT], [ROOT, SUB]), up: true, refused: [], codes: ['AnchorNotRoot'] },
  {
    name: '47 ca.crt missing',
    data: without(tls([INT, SUB], [ROOT]), 'ca.crt'),
    up: false,
    codes: ['CacertsIncomplete', 'ChainBroken'],
  },
  { name: '48 nothing at all', data: {}, up: false, codes: ['CacertsIncomplete'] },
  {
    name: '49 tls.key missing',
    data: without(tls([INT, SUB], [ROOT]), 'tls.key'),
    up: false,
    codes: ['CacertsIncomplete'],
  },
  {
    name: 'a root that is out of date beside the root',
    data: tls([INT, SUB], [ROOT, testCa({ subject: 'CN=Old', notAfter: TEST_NOW - 1000 })]),
    up: true,
    refused: [],
    codes: ['RootOutOfDate'],
  },
  {
    name: 'a key in tls.crt',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': pem(INT, SUB) + INT.privateKeyPem }),
    up: true,
    refused: [],
    codes: ['PrivateKeyPublished'],
  },
  {
    name: 'two blocks run into one line',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': `${pem(INT).trimEnd()}${pem(SUB)}` }),
    up: false,
    codes: ['PemUnreadable'],
  },
  {
    name: 'a key under a passphrase',
    data: tls([INT, SUB], [ROOT], { 'tls.key': locked(INT) }),
    up: false,
    codes: ['KeyUnreadable'],
  },
  {
    name: "Istio's own names",
    data: {
      'ca-cert.pem': pem(INT),
      'ca-key.pem': INT.privateKeyPem,
      'cert-chain.pem': pem(INT, SUB),
      'root-cert.pem': pem(ROOT),
    },
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: "the chain missing among Istio's own names",
    data: { 'ca-cert.pem': pem(INT), 'ca-key.pem': INT.privateKeyPem, 'root-cert.pem': pem(ROOT) },
    up: false,
    codes: ['CacertsIncomplete', 'ChainBroken'],
  },
  {
    name: 'both sets of names',
    data: { ...tls([INT, SUB], [ROOT]), 'ca-cert.pem': pem(TWO), 'root-cert.pem': pem(ROOT2) },
    up: true,
    refused: [],
    codes: ['CacertsMixedKeys'],
  },
]

for (const { name, data, up, refused, codes } of ROWS) {
  test(`cacerts: ${name}`, () => {
    const { start, trials, findings } = judged(data)
    assert.equal(start.ok, up, start.ok ? 'it would start' : start.because)
    const verdicts = [
      ['server', trials.workloadServer],
      ['client', trials.workloadClient],
      ['istiod', trials.istiodServer],
    ] as const
    const reached = verdicts.every(([, verdict]) => verdict !== undefined)
    const found = verdicts.filter(([, verdict]) => verdict?.ok === false).map(([who]) => who)
    assert.deepEqual(reached ? found : undefined, refused)
    assert.deepEqual([...findings.map(({ code }) => code)].sort(), [...codes].sort())
  })
}

test('a finding says what, where and what to do', () => {
  const { findings } = judged(tls([below(SUB, { extKeyUsage: [EKU.serverAuth] }), SUB], [ROOT]))
  assert.deepEqual(findings, [
    {
      code: 'WorkloadRefused',
      severity: 'problem',
      where: 'Secret cacerts',
      what: 'istiod loads it, but peers would refuse a workload of trust domain cluster.local as client: "CN=Int" is limited to extended key usages without 1.3.6.1.5.5.7.3.2',
      remedy:
        'have the PKI issue a CA without this limit, then renew the Certificate; an issuer with profile MeshCA proves this before it hands a CA over',
    },
  ])
})

test('public files are judged without a key', () => {
  const data = without(tls([INT, SUB], [ROOT]), 'tls.key')
  assert.deepEqual(judged(data, { withKey: false }).findings, [])
})

test('the report names the certificates that count', () => {
  const report = judged(tls([INT, SUB, ROOT], [ROOT2, ROOT]))
  const names = [report.certificate, ...report.above, report.root].map((one) => one?.subject.text)
  assert.deepEqual([names, report.roots.length, report.format], [['CN=Int', 'CN=Sub', 'CN=Root'], 2, 'cert-manager'])
})

test('no finding holds a piece of the key', () => {
  for (const { data } of ROWS) {
    const said = JSON.stringify(judged(data).findings)
    for (const line of (data['tls.key'] ?? '').split('\n').filter((one) => one.length >= 20 && !one.startsWith('-')))
      assert.ok(!said.includes(line.slice(0, 20)))
  }
})

function constraints(permitted: { readonly dnsDomains?: readonly string[]; readonly uriDomains?: readonly string[] }) {
  const none = { dnsDomains: [], uriDomains: [], ipRanges: [], emailAddresses: [] }
  return { critical: true, permitted: { ...none, ...permitted }, excluded: none }
}

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n')
}

function without(data: Readonly<Record<string, string>>, key: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== key))
}

function rsaCacerts(): Readonly<Record<string, string>> {
  const rsa = below(SUB, { key: keys('RSA', 'int') })
  return tls([rsa, SUB], [ROOT], { 'tls.key': rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString() })
}

function locked({ privateKey }: TestCertificate): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()
}
