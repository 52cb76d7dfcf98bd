import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodePem } from '../pki/pem.ts'
import { type FactsChange, TEST_CSR, testAuthority, testFacts, testReadiness } from '../testing/builders.ts'
import type { TestCsrOptions } from '../testing/certificate-options.ts'
import { testCa, testCsr, testIntermediate } from '../testing/certificates.ts'
import { type DecisionRow, failed, TEST_SIGN, testSign } from '../testing/decisions.ts'
import { dns } from '../testing/names.ts'
import { decide } from './decide.ts'

const SUBJECT = 'CN=istiod-ca,O=Mesh'
const NAMELESS = testCsr({ subject: '', names: [dns('a.example')] })

function csr(options: TestCsrOptions): FactsChange {
  return { request: { csr: testCsr({ subject: SUBJECT, ...options }).csrPem } }
}

/** A CSR that changes nothing but the CSR that is signed. */
function taken(name: string, options: TestCsrOptions): DecisionRow {
  const made = testCsr({ subject: SUBJECT, ...options })
  return { name, change: { request: { csr: made.csrPem } }, expected: testSign({ csr: made.csr }) }
}

/** Not what would be read from this text now. */
const READ_BEFORE = { ...testCsr({ subject: SUBJECT }).csr, pem: TEST_CSR.csrPem }

/** The CSR with another last octet of its signature. */
function badlySigned(): string {
  const der = Uint8Array.from(TEST_CSR.csr.der)
  der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1
  return encodePem('CERTIFICATE REQUEST', der)
}

const NOT_THE_SAME = failed(
  'UsagesMismatch',
  'the key usages in the CSR are not those in spec.usages; make both the same',
)

const CSRS: readonly DecisionRow[] = [
  {
    name: 'text that is no PEM',
    change: { request: { csr: 'secret words' } },
    expected: failed('InvalidCSR', 'the PEM text cannot be read: it has text outside its blocks; remove it'),
  },
  {
    name: 'two requests in one',
    change: { request: { csr: TEST_CSR.csrPem.repeat(2) } },
    expected: failed(
      'InvalidCSR',
      'the PEM text cannot be read: it holds more than one CERTIFICATE REQUEST block; give exactly one',
    ),
  },
  {
    name: 'a signature by another key',
    change: { request: { csr: badlySigned() } },
    expected: failed('InvalidCSR', "the CSR's signature does not match the ECDSA P-256 key; make the CSR anew"),
  },
  {
    name: 'a CSR that was read before is taken as it was read',
    change: { facts: { knownCsr: READ_BEFORE } },
    expected: testSign({ csr: READ_BEFORE }),
  },
  {
    name: 'what was read before and is another one does not count',
    change: { facts: { knownCsr: testCsr({ subject: SUBJECT }).csr } },
    expected: TEST_SIGN,
  },
  taken('a CSR that says it is a CA', { isCA: true }),
  taken('a path length in the CSR does not count', { isCA: true, pathLength: 7 }),
  taken('alternative names are kept', { names: [dns('istiod.istio-system.svc')] }),
  {
    name: 'a CSR that says it is no CA',
    change: csr({ isCA: false }),
    expected: failed('InvalidCSR', 'the CSR says cA=false and the request says isCA=true; they must agree'),
  },
  {
    name: 'a name and an empty list of alternative names',
    change: csr({ extensions: [{ oid: '2.5.29.17', critical: false, value: Uint8Array.of(0x30, 0) }] }),
    expected: failed(
      'InvalidCSR',
      'the subject alternative name cannot be used: it holds no name; leave the extension out instead',
    ),
  },
]

const SUBJECTS: readonly DecisionRow[] = [
  {
    name: 'an empty subject',
    change: { request: { csr: NAMELESS.csrPem } },
    expected: failed('SubjectMissing', 'a mesh CA needs a subject: set commonName in the Certificate'),
  },
  {
    name: 'the subject of the root',
    change: csr({ subject: 'CN=Mesh Root' }),
    expected: failed(
      'SubjectTaken',
      'the subject CN=Mesh Root is that of a CA above; give the intermediate a name of its own',
    ),
  },
  {
    name: 'the subject of the signer below the root',
    change: {
      ...csr({ subject: 'CN=Sub' }),
      issuer: { readiness: testReadiness(testAuthority(testIntermediate(testCa(), { subject: 'CN=Sub' }), testCa())) },
    },
    expected: failed(
      'SubjectTaken',
      'the subject CN=Sub is that of a CA above; give the intermediate a name of its own',
    ),
  },
  {
    name: 'the subject of the root in other letters, which OpenSSL takes for the same',
    change: csr({ subject: 'CN=mesh  ROOT' }),
    expected: failed(
      'SubjectTaken',
      'the subject CN=mesh  ROOT is that of a CA above; give the intermediate a name of its own',
    ),
  },
  {
    name: 'an empty subject where no mesh is concerned',
    change: { request: { csr: NAMELESS.csrPem }, spec: { profile: 'Any' } },
    expected: testSign({ csr: NAMELESS.csr }, { mesh: undefined }),
  },
]

const USAGES: readonly DecisionRow[] = [
  {
    name: 'none asked for: those of cert-manager',
    change: { request: { usages: [] } },
    expected: testSign({ keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign'] }),
  },
  {
    name: 'a usage that does not exist',
    change: { request: { usages: ['cert sign', '__proto__'] } },
    expected: failed('InvalidUsages', '"__proto__" is not a key usage that cert-manager defines; correct spec.usages'),
  },
  taken('the CSR states the same ones', { keyUsage: ['keyCertSign', 'digitalSignature'] }),
  {
    name: 'the CSR states as many, but others',
    change: csr({ keyUsage: ['keyCertSign', 'cRLSign'] }),
    expected: NOT_THE_SAME,
  },
  { name: 'the CSR states one less', change: csr({ keyUsage: ['keyCertSign'] }), expected: NOT_THE_SAME },
  {
    name: 'the CSR states one more',
    change: csr({ keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'] }),
    expected: NOT_THE_SAME,
  },
  {
    name: 'the CSR states an extended usage only',
    change: csr({ extKeyUsage: ['1.3.6.1.5.5.7.3.1'] }),
    expected: NOT_THE_SAME,
  },
  {
    name: 'a mesh CA with extended key usages',
    change: { request: { usages: ['cert sign', 'server auth'] } },
    expected: failed(
      'UsagesMismatch',
      'a mesh CA with extended key usages limits every workload below it: remove them from spec.usages',
    ),
  },
  {
    name: 'another CA with extended key usages',
    change: { request: { usages: ['cert sign', 'client auth', 'server auth'] }, spec: { profile: 'Any' } },
    expected: testSign(
      { keyUsage: ['keyCertSign', 'cRLSign'], extKeyUsage: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'] },
      { mesh: undefined },
    ),
  },
]

for (const { name, change, expected } of CSRS) {
  test(`CSR: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}
for (const { name, change, expected } of SUBJECTS) {
  test(`subject: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}
for (const { name, change, expected } of USAGES) {
  test(`usages: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}

test('deciding leaves the facts as they are', () => {
  const facts = testFacts()
  const before = structuredClone({ ...facts.request })
  assert.deepEqual(decide(facts), TEST_SIGN)
  assert.deepEqual(facts.request, before)
})
