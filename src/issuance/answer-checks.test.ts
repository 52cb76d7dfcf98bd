import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OID } from '../pki/extensions.ts'
import { issued, testAnswer } from '../testing/answers.ts'
import { TEST_CSR, TEST_ROOT } from '../testing/builders.ts'
import type { TestCertificateOptions } from '../testing/certificate-options.ts'
import { TEST_NOW, testCsr } from '../testing/certificates.ts'
import { TEST_SIGN, testSign } from '../testing/decisions.ts'
import { constraints, dns } from '../testing/names.ts'
import type { Sign } from './decide.ts'
import { verifyAnswer } from './verify-answer.ts'

const { notBefore, notAfter } = TEST_SIGN.request
const SECOND = 1000
const DAY = 86_400 * SECOND

interface Row {
  readonly name: string
  readonly change: TestCertificateOptions
  /** What was asked, where not the good request. */
  readonly sign?: Sign
  readonly code: string
  readonly message: string
}

const NAMED_CSR = { subject: 'CN=istiod-ca', key: TEST_CSR.privateKey, names: [dns('a.example'), dns('b.example')] }
const NAMED = testSign({ csr: testCsr(NAMED_CSR).csr })
const CONSTRAINED = testSign({ nameConstraints: constraints({ uriDomains: ['cluster.local'] }) })
const { pathLength: _none, ...plain } = TEST_SIGN.request
const LEAF: Sign = {
  ...TEST_SIGN,
  request: { ...plain, isCA: false, keyUsage: ['digitalSignature'], extKeyUsage: ['1.3.6.1.5.5.7.3.1'] },
  mesh: undefined,
  trust: undefined,
}

function usages(change: TestCertificateOptions, message: string, sign?: Sign): Omit<Row, 'name'> {
  return { change, code: 'AnswerUsagesDiffer', message, ...(sign && { sign }) }
}

function life(change: TestCertificateOptions, message: string): Omit<Row, 'name'> {
  return { change, code: 'AnswerLifeDiffers', message }
}

function otherConstraints(change: TestCertificateOptions, sign: Sign): Omit<Row, 'name'> {
  const message = 'its name constraints are not those that were asked for'
  return { change, sign, code: 'AnswerConstraintsDiffer', message }
}

const OTHER_NAMES = { code: 'AnswerNamesDiffer', message: 'its alternative names are not those of the CSR' }
const OTHER_EKU = 'its extended key usages are not those that were asked for'
const NO_SKI = 'it has no subject key identifier, so workloads below it would have no authority key identifier'
const NO_AKI = 'it has no authority key identifier, so peers cannot tell two roots apart'

const ROWS: readonly Row[] = [
  {
    name: 'the key of somebody else',
    change: { key: 'ECDSA-P384' },
    code: 'AnswerKeyDiffers',
    message: 'its public key is not that of the CSR',
  },
  {
    name: 'another subject',
    change: { subject: 'CN=istiod-ca,O=Mash' },
    code: 'AnswerSubjectDiffers',
    message: 'its subject is CN=istiod-ca,O=Mash, not CN=istiod-ca,O=Mesh',
  },
  {
    name: 'another order of the subject',
    change: { subject: 'O=Mesh,CN=istiod-ca' },
    code: 'AnswerSubjectDiffers',
    message: 'its subject is O=Mesh,CN=istiod-ca, not CN=istiod-ca,O=Mesh',
  },
  { name: 'a name added', change: { names: [dns('evil.example')] }, ...OTHER_NAMES },
  { name: 'a name taken away', change: { names: [dns('a.example')] }, sign: NAMED, ...OTHER_NAMES },
  { name: 'all names taken away', change: { names: [], without: [OID.subjectAltName] }, sign: NAMED, ...OTHER_NAMES },
  { name: 'row 13: not a CA', change: { isCA: false }, code: 'AnswerCADiffers', message: 'it is not a CA' },
  {
    name: 'no basic constraints',
    change: { without: [OID.basicConstraints] },
    code: 'AnswerCADiffers',
    message: 'it is not a CA',
  },
  {
    name: 'a CA where none was asked for',
    change: { isCA: true },
    sign: LEAF,
    code: 'AnswerCADiffers',
    message: 'it is a CA, and none was asked for',
  },
  {
    name: 'a longer path',
    change: { pathLength: 1 },
    code: 'AnswerPathLengthDiffers',
    message: 'its path length is 1, not 0',
  },
  {
    name: 'a path without end',
    change: { pathLength: null },
    code: 'AnswerPathLengthDiffers',
    message: 'its path length is unlimited, not 0',
  },
  {
    name: 'a shorter path',
    change: { pathLength: 0 },
    sign: testSign({ pathLength: 1 }),
    code: 'AnswerPathLengthDiffers',
    message: 'its path length is 0, not 1',
  },
  {
    name: 'row 12: no keyCertSign',
    ...usages({ keyUsage: ['digitalSignature', 'cRLSign'] }, 'it may not sign certificates'),
  },
  { name: 'no key usage at all', ...usages({ without: [OID.keyUsage] }, 'it may not sign certificates') },
  {
    name: 'keyCertSign where no CA was asked for',
    ...usages(
      { keyUsage: ['digitalSignature', 'keyCertSign'] },
      'it may sign certificates, and no CA was asked for',
      LEAF,
    ),
  },
  { name: 'row 15: serverAuth only', ...usages({ extKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, OTHER_EKU) },
  { name: 'row 14: clientAuth only', ...usages({ extKeyUsage: ['1.3.6.1.5.5.7.3.2'] }, OTHER_EKU) },
  { name: 'an extended key usage exchanged', ...usages({ extKeyUsage: ['1.3.6.1.5.5.7.3.2'] }, OTHER_EKU, LEAF) },
  { name: 'an extended key usage dropped', ...usages({ extKeyUsage: [] }, OTHER_EKU, LEAF) },
  {
    name: 'a longer life',
    ...life({ notAfter: notAfter + 31 * SECOND }, 'it lives 2592031 s, and 2592000 s were asked for'),
  },
  {
    name: 'a shorter life',
    ...life({ notAfter: notAfter - 31 * SECOND }, 'it lives 2591969 s, and 2592000 s were asked for'),
  },
  {
    name: 'a certificate of last week once more',
    ...life(
      { notBefore: notBefore - 7 * DAY, notAfter: notAfter - 7 * DAY },
      'it ends at 2026-12-16T11:59:00Z, and 2026-12-23T11:59:00Z was asked for',
    ),
  },
  { name: 'name constraints dropped', ...otherConstraints({ without: [OID.nameConstraints] }, CONSTRAINED) },
  {
    name: 'name constraints widened',
    ...otherConstraints({ nameConstraints: constraints({ uriDomains: ['cluster.local', 'x'] }) }, CONSTRAINED),
  },
  {
    name: 'name constraints no longer critical',
    ...otherConstraints(
      { nameConstraints: { ...constraints({ uriDomains: ['cluster.local'] }), critical: false } },
      CONSTRAINED,
    ),
  },
  {
    name: 'row 22: name constraints that nobody asked for',
    ...otherConstraints({ nameConstraints: constraints({ dnsDomains: ['example.org'] }) }, TEST_SIGN),
  },
  {
    name: 'row 40: no subject key identifier',
    change: { without: [OID.subjectKeyIdentifier] },
    code: 'AnswerIdentifierMissing',
    message: NO_SKI,
  },
  {
    name: 'an empty subject key identifier',
    change: { extensions: [{ oid: OID.subjectKeyIdentifier, critical: false, value: Uint8Array.of(4, 0) }] },
    code: 'AnswerIdentifierMissing',
    message: NO_SKI,
  },
  {
    name: 'row 38: no authority key identifier',
    change: { without: [OID.authorityKeyIdentifier] },
    code: 'AnswerIdentifierMissing',
    message: NO_AKI,
  },
  {
    name: 'a critical extension that nobody knows',
    change: { extensions: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] },
    code: 'critical-extension',
    message: '"CN=istiod-ca,O=Mesh" has the critical extension 1.2.3.4, which peers do not know',
  },
]

for (const { name, change, sign = TEST_SIGN, code, message } of ROWS) {
  test(`answer: ${name}`, () => {
    const proof = verifyAnswer(sign, issued(testAnswer(sign, TEST_ROOT, change)), TEST_NOW)
    assert.deepEqual(proof, { ok: false, code, message: `the PKI's answer was refused: ${message}` })
  })
}
