import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, uri } from '../testing/names.ts'
import { type PathChanges, testPath } from '../testing/paths.ts'
import { parseCertificates } from './certificate.ts'
import { orderChain } from './chain.ts'
import { PkiError } from './error.ts'
import { OID } from './extensions.ts'
import { trialPath, verifyPath } from './path.ts'
import { meshTrials } from './trial.ts'

const keys = testKeys()
const MESH = { trustDomain: 'cluster.local', namespace: 'istio-system', revisions: [], extraDNSNames: [] }
const HOUR_MS = 3_600_000
const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'

/** The two files that istiod loads, as PEM. */
interface Material {
  readonly tls: string
  readonly ca: string
}

/** Three levels: tls.crt = int + sub, ca.crt = root. */
function three(changes: PathChanges = {}): Material {
  const { chain, root } = testPath(changes)
  return { tls: chain.map(({ pem }) => pem).join(''), ca: root.pem }
}

const root = testCa({ subject: 'CN=Root' })
const sub = testIntermediate(root, { subject: 'CN=Sub', pathLength: 1 })
const int = testIntermediate(sub, { subject: 'CN=Int' })
const direct = testIntermediate(root, { subject: 'CN=Int' })
const other = testCa({ subject: 'CN=Other' })
/** Of the root's name, with another key. */
const namesake = testCa({ subject: 'CN=Root', key: keys('ECDSA-P256', 'namesake') })
const withoutAki = testIntermediate(root, { without: [OID.authorityKeyIdentifier] })

function pem(...certificates: readonly TestCertificate[]): string {
  return certificates.map(({ certificatePem }) => certificatePem).join('')
}

const WORKLOAD = 'a workload certificate for spiffe://cluster.local/ns/istio-system/sa/default'
const ISTIOD = "istiod's own serving certificate"

/** Row numbers are those of the measurements with a real istiod; "good" = every role worked there. */
const good: readonly (readonly [string, string, Material])[] = [
  ['01', 'int + sub, root', three()],
  ['02', 'the root in tls.crt as well', { tls: pem(int, sub, root), ca: pem(root) }],
  ['06', 'ca.crt = sub + root', { tls: pem(int, sub), ca: pem(sub, root) }],
  ['07', 'two roots', { tls: pem(int, sub), ca: pem(other, root) }],
  ['20', 'Ed25519', three({ int: { key: 'Ed25519' } })],
  ['21', 'P-521', three({ int: { key: 'ECDSA-P521' } })],
  [
    '24',
    'URI constraint = trust domain',
    three({ int: { nameConstraints: constraints({ uriDomains: ['cluster.local'] }) } }),
  ],
  ['27', 'two levels, path length 0: the ideal', { tls: pem(direct), ca: pem(root) }],
  ['30', 'ca.crt without its last newline', { tls: pem(direct), ca: pem(root).trimEnd() }],
  ['31', 'CRLF', { tls: pem(direct).replaceAll('\n', '\r\n'), ca: pem(root).replaceAll('\n', '\r\n') }],
  ['35', 'RSA 2048', three({ int: { key: keys('RSA', 'int') } })],
  ['36', 'P-384', three({ int: { key: 'ECDSA-P384' } })],
  ['37', 'both extended usages', three({ int: { extKeyUsage: [SERVER, CLIENT] } })],
  [
    '38',
    'two roots of one name, the wrong one first, no key identifier',
    { tls: pem(withoutAki), ca: pem(namesake, root) },
  ],
  ['39', 'two roots of one name, the wrong one first', { tls: pem(direct), ca: pem(namesake, root) }],
  ['40', 'no subject key identifier', three({ int: { without: [OID.subjectKeyIdentifier] } })],
  ['41', 'an intermediate of one hour', three({ int: { notAfter: TEST_NOW + HOUR_MS } })],
  ['43', 'a root that ends in one hour', three({ root: { notAfter: TEST_NOW + HOUR_MS } })],
  ['44', 'self-signed', { tls: pem(root), ca: pem(root) }],
]

/** Loaded by istiod, at start or on reload, and broken: these are what the proof is for. */
const dangerous: readonly (readonly [string, string, Material, string, string])[] = [
  ['10', 'the parent has path length 0', three({ sub: { pathLength: 0 } }), WORKLOAD, 'path-length'],
  ['11', 'the root has path length 1', three({ root: { pathLength: 1 } }), WORKLOAD, 'path-length'],
  ['12', 'no keyCertSign', three({ int: { keyUsage: ['digitalSignature', 'cRLSign'] } }), WORKLOAD, 'key-usage'],
  ['13', 'no CA', three({ int: { isCA: false } }), WORKLOAD, 'not-a-ca'],
  ['15', 'serverAuth only', three({ int: { extKeyUsage: [SERVER] } }), WORKLOAD, 'extended-key-usage'],
  [
    '22',
    'DNS constraint example.org',
    three({ int: { nameConstraints: constraints({ dnsDomains: ['example.org'] }) } }),
    ISTIOD,
    'name-constraints',
  ],
  [
    '23',
    'URI constraint of another domain',
    three({ int: { nameConstraints: constraints({ uriDomains: ['other.domain'] }) } }),
    WORKLOAD,
    'name-constraints',
  ],
]

/** What istiod itself would refuse, and what only we do (04, 05: openssl refuses them; 32: text beside certificates). */
const refused: readonly (readonly [string, string, Material, string])[] = [
  ['03', 'sub is missing', { tls: pem(int), ca: pem(root) }, 'chain-broken'],
  ['04', 'ca.crt = sub, which is no root', { tls: pem(int, sub), ca: pem(sub) }, 'chain-broken'],
  ['05', 'the same, sub not in tls.crt', { tls: pem(int), ca: pem(sub) }, 'chain-broken'],
  ['08', 'another root', { tls: pem(int, sub), ca: pem(other) }, 'chain-broken'],
  ['14', 'clientAuth only', three({ int: { extKeyUsage: [CLIENT] } }), 'extended-key-usage'],
  ['16', 'the parent is for code signing', three({ sub: { extKeyUsage: [CODE_SIGNING] } }), 'extended-key-usage'],
  ['17', 'the intermediate expired', three({ int: { notAfter: TEST_NOW - 1000 } }), 'expired'],
  ['18', 'it begins in one hour', three({ int: { notBefore: TEST_NOW + HOUR_MS } }), 'not-yet-valid'],
  ['19', 'the parent expired', three({ sub: { notAfter: TEST_NOW - 1000 } }), 'expired'],
  ['25', 'ca.crt empty', { tls: pem(direct), ca: '' }, 'pem-invalid'],
  [
    '26',
    'a block in ca.crt that is no certificate',
    { tls: pem(direct), ca: `${pem(root)}-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n` },
    'der-invalid',
  ],
  ['28', 'files joined without a newline', { tls: pem(direct).trimEnd() + pem(root), ca: pem(root) }, 'pem-invalid'],
  ['32', 'text around the blocks', { tls: `# int\n${pem(direct)}`, ca: pem(root) }, 'pem-invalid'],
  ['42', 'the root expired', three({ root: { notAfter: TEST_NOW - 1000 } }), 'expired'],
]

/** What a proof makes of the two files: the first trial that fails and why, or "proved". */
function prove({ tls, ca }: Material): readonly string[] {
  try {
    const [end, ...rest] = parseCertificates(tls)
    assert.ok(end)
    const { chain, root: top } = orderChain(end, [...rest, ...parseCertificates(ca)])
    const own = verifyPath(chain, top, TEST_NOW)
    if (own !== undefined) return ['itself', own.code]
    const failed = meshTrials(MESH).map((trial) => ({ trial, problem: trialPath(trial, chain, top, TEST_NOW) }))
    const first = failed.find(({ problem }) => problem !== undefined)
    return first?.problem === undefined ? ['proved'] : [first.trial.description, first.problem.code]
  } catch (error) {
    if (error instanceof PkiError) return ['files', error.code]
    throw error
  }
}

describe('what works in istiod is proved', () => {
  for (const [row, what, material] of good) test(`${row}: ${what}`, () => assert.deepEqual(prove(material), ['proved']))
})

describe('what istiod loads and then breaks on is refused', () => {
  for (const [row, what, material, trial, code] of dangerous) {
    test(`${row}: ${what}`, () => assert.deepEqual(prove(material), [trial, code]))
  }
})

describe('what istiod refuses is refused', () => {
  for (const [row, what, material, code] of refused) {
    test(`${row}: ${what}`, () => assert.equal(prove(material)[1], code))
  }
})

test('the trials of a mesh', () => {
  const extKeyUsage = [SERVER, CLIENT]
  const mesh = {
    trustDomain: 'td',
    namespace: 'istio',
    revisions: ['1-27', '1-28'],
    extraDNSNames: ['istiod.example.com', 'istiod.istio.svc'],
  }
  const hosts = ['istiod', 'istiod-remote', 'istio-pilot', 'istiod-1-27', 'istiod-1-28'].map((host) =>
    dns(`${host}.istio.svc`),
  )
  assert.deepEqual(meshTrials(mesh), [
    {
      description: 'a workload certificate for spiffe://td/ns/istio/sa/default',
      names: [uri('spiffe://td/ns/istio/sa/default')],
      extKeyUsage,
    },
    { description: "istiod's own serving certificate", names: [...hosts, dns('istiod.example.com')], extKeyUsage },
  ])
})
