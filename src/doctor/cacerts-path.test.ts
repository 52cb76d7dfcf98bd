import { contextTag } from '../pki/der-reader.ts'
import { element, sequence } from '../pki/der-writer.ts'
import { OID } from '../pki/extensions.ts'
import { EKU } from '../pki/key-usage.ts'
import { below, DAY_MS, INT, ROOT, ROOT2, SUB, subOf, testCacerts, tls } from '../testing/cacerts-rows.ts'
import { TEST_NOW, testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import type { FindingCode } from './finding.ts'

const EVERYBODY = ['server', 'client', 'istiod'] as const
const BROKEN_MESH: readonly FindingCode[] = ['WorkloadRefused', 'IstiodRefused']
const SUB_0 = subOf({ pathLength: 0 })
const ROOT_1 = testCa({ subject: 'CN=Root', pathLength: 1 })
const SUB_R1 = testIntermediate(ROOT_1, { subject: 'CN=Sub', pathLength: null, notAfter: TEST_NOW + 900 * DAY_MS })
const CODE_SUB = subOf({ extKeyUsage: ['1.3.6.1.5.5.7.3.3'] })
const RENEWED_ROOT = testCa({ subject: 'CN=Root', serialNumber: Buffer.of(2) })
const SUB_BEFORE = testIntermediate(RENEWED_ROOT, {
  subject: 'CN=Sub',
  pathLength: null,
  extensions: [
    { oid: OID.authorityKeyIdentifier, critical: false, value: sequence(element(contextTag(2), Buffer.of(1))) },
  ],
})
const NO_POLICY = subOf({ extensions: [{ oid: OID.certificatePolicies, critical: false, value: sequence() }] })
const OLD_SUB = subOf({ notAfter: TEST_NOW - DAY_MS / 2 })

testCacerts([
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
    name: 'sub that names the root before its renewal by its serial number',
    data: tls([below(SUB_BEFORE, {}), SUB_BEFORE], [RENEWED_ROOT]),
    up: true,
    codes: ['WorkloadRefused'],
  },
  {
    name: 'sub with an extension that BoringSSL alone refuses',
    data: tls([below(NO_POLICY, {}), NO_POLICY], [ROOT]),
    up: true,
    refused: EVERYBODY,
    codes: BROKEN_MESH,
  },
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
])
