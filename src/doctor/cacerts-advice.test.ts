import { OID } from '../pki/extensions.ts'
import { EKU } from '../pki/key-usage.ts'
import { below, DAY_MS, INT, ROOT, SUB, TWO, testCacerts, tls } from '../testing/cacerts-rows.ts'
import { TEST_NOW, testCa } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'

const keys = testKeys()
const TWIN = testCa({ subject: 'CN=Root', key: keys('ECDSA-P256', 'twin') })
const OLD_ROOT = testCa({ subject: 'CN=Root', notAfter: TEST_NOW - DAY_MS / 2 })
const SHUT_ROOT = testCa({
  subject: 'CN=Root',
  nameConstraints: { ...constraints({}), excluded: constraints({ uriDomains: ['other.domain'] }).permitted },
})
const SHORT_ROOT = testCa({ subject: 'CN=Root', notAfter: TEST_NOW + 10 * DAY_MS })

testCacerts([
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
    codes: ['WorkloadRefused', 'ZtunnelRefuses'],
  },
  {
    name: '24 constrained to the trust domain',
    data: tls([below(SUB, { nameConstraints: constraints({ uriDomains: ['cluster.local'] }) }), SUB], [ROOT]),
    up: true,
    refused: [],
    codes: ['ZtunnelRefuses'],
  },
  {
    name: 'shut out of another trust domain by its root',
    data: tls([below(SHUT_ROOT, {})], [SHUT_ROOT]),
    up: true,
    refused: [],
    codes: ['ZtunnelRefuses'],
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
  { name: '46 sub in ca.crt only', data: tls([INT], [ROOT, SUB]), up: true, refused: [], codes: ['AnchorNotRoot'] },
])

function constraints(permitted: { readonly dnsDomains?: readonly string[]; readonly uriDomains?: readonly string[] }) {
  const none = { dnsDomains: [], uriDomains: [], ipRanges: [], emailAddresses: [] }
  return { critical: true, permitted: { ...none, ...permitted }, excluded: none }
}

function rsaCacerts(): Readonly<Record<string, string>> {
  const rsa = below(SUB, { key: keys('RSA', 'int') })
  return tls([rsa, SUB], [ROOT], { 'tls.key': rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString() })
}
