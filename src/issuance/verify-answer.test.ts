import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Issued } from '../backends/backend.ts'
import type { Certificate } from '../pki/certificate.ts'
import { contextTag } from '../pki/der-reader.ts'
import { element, octetString, sequence } from '../pki/der-writer.ts'
import { OID } from '../pki/extensions.ts'
import { deepAnswer, issued, signBelow, TEST_SUB, testAnswer } from '../testing/answers.ts'
import { TEST_CSR, TEST_ROOT } from '../testing/builders.ts'
import type { TestCertificate, TestCertificateOptions } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testCsr, testIntermediate } from '../testing/certificates.ts'
import { TEST_SIGN, testSign } from '../testing/decisions.ts'
import { constraints, dns } from '../testing/names.ts'
import type { Sign } from './decide.ts'
import { type Proof, verifyAnswer } from './verify-answer.ts'

const { notBefore, notAfter } = TEST_SIGN.request
const SECOND = 1000
const HOUR = 3600 * SECOND
const AUTHORITY_KEY = { oid: OID.authorityKeyIdentifier, critical: false }
const octets = (identifier: Uint8Array) => element(contextTag(0), identifier)
const NAMES = [dns('a.example'), dns('b.example')]
const NAMED = testSign({ csr: testCsr({ subject: 'CN=istiod-ca', key: TEST_CSR.privateKey, names: NAMES }).csr })
const { pathLength: _none, ...plain } = TEST_SIGN.request
const LEAF: Sign = {
  ...TEST_SIGN,
  request: { ...plain, isCA: false, keyUsage: ['digitalSignature'], extKeyUsage: ['1.3.6.1.5.5.7.3.1'] },
  mesh: undefined,
  trust: undefined,
}

/** What is published of this chain, the root left out. */
function proved(...chain: readonly TestCertificate[]): Proof {
  const [first] = chain
  assert.ok(first)
  return {
    ok: true,
    certificatePem: chain.map(({ certificatePem }) => certificatePem).join(''),
    caPem: TEST_ROOT.certificatePem,
    certificate: first.certificate,
  }
}

function refused(code: string, message: string): Proof {
  return { ok: false, code, message: `the PKI's answer was refused: ${message}` }
}

const GOOD: readonly { readonly name: string; readonly sign: Sign; readonly change?: TestCertificateOptions }[] = [
  { name: 'a mesh CA', sign: TEST_SIGN },
  { name: 'an end-entity certificate', sign: LEAF },
  { name: 'with alternative names', sign: NAMED },
  { name: 'alternative names in another order', sign: NAMED, change: { names: [...NAMES].reverse() } },
  {
    name: 'row 24: the trust domain permitted',
    sign: testSign({ nameConstraints: constraints({ uriDomains: ['cluster.local'] }) }),
  },
  { name: 'half a minute more', sign: TEST_SIGN, change: { notAfter: notAfter + 30 * SECOND } },
  { name: 'half a minute less', sign: TEST_SIGN, change: { notAfter: notAfter - 30 * SECOND } },
  {
    name: 'a PKI with a clock of its own',
    sign: TEST_SIGN,
    change: { notBefore: notBefore - 600 * SECOND, notAfter: notAfter - 600 * SECOND },
  },
  {
    name: 'as old as it may be',
    sign: TEST_SIGN,
    change: { notBefore: notBefore - 72 * HOUR - 30 * SECOND, notAfter: notAfter - 72 * HOUR - 30 * SECOND },
  },
  { name: 'fewer key usages, which some PKIs fix', sign: TEST_SIGN, change: { keyUsage: ['keyCertSign', 'cRLSign'] } },
]

for (const { name, sign, change } of GOOD) {
  test(`good answer: ${name}`, () => {
    const answer = testAnswer(sign, TEST_ROOT, change)
    assert.deepEqual(verifyAnswer(sign, issued(answer), TEST_NOW), proved(answer))
  })
}

const BELOW = signBelow([TEST_SUB, TEST_ROOT])
const ANSWER = testAnswer(BELOW, TEST_SUB)
const STRANGER = testCa({ subject: 'CN=Stranger' })

test('whatever else an answer holds, and in whatever order, the same bytes are published', () => {
  const others = fc.array(
    fc.constantFrom<Certificate>(...[TEST_SUB, TEST_ROOT, STRANGER, ANSWER].map((one) => one.certificate)),
  )
  fc.assert(
    fc.property(others, others, (above, roots) => {
      const answer: Issued = { state: 'issued', chain: [ANSWER.certificate, ...above], roots }
      assert.deepEqual(verifyAnswer(BELOW, answer, TEST_NOW), proved(ANSWER, TEST_SUB))
    }),
    { numRuns: 30 },
  )
})

const KEY_IDENTIFIER = TEST_ROOT.certificate.subjectKeyIdentifier ?? new Uint8Array()
const EARLY = notAfter - 1000
/** The name and key identifier of the good root with another key. */
const FORGER = testCa({
  subject: 'CN=Mesh Root',
  key: 'ECDSA-P384',
  extensions: [{ oid: OID.subjectKeyIdentifier, critical: false, value: octetString(KEY_IDENTIFIER) }],
})
/** The name and key of the good signer, but below a root of its own. */
const IMPOSTOR = testIntermediate(STRANGER, { subject: 'CN=Mesh Sub', pathLength: 1 })
const OTHER_SUB = testIntermediate(TEST_ROOT, { subject: 'CN=Other Sub', pathLength: 1 })

function otherRoot(root: TestCertificate): string {
  return `it chains to the root ${root.certificate.fingerprint}, and the issuer was checked with ${TEST_ROOT.certificate.fingerprint}`
}

const CHAINS: readonly {
  readonly name: string
  readonly of: readonly [Sign, Issued]
  readonly code: string
  readonly message: string
}[] = [
  {
    name: 'row 03: a CA above that nobody knows is missing',
    of: [TEST_SIGN, issued(testAnswer(TEST_SIGN, TEST_SUB))],
    code: 'AnswerUnreadable',
    message:
      'the chain is broken: no certificate given is the issuer "CN=Mesh Sub" that signed "CN=istiod-ca,O=Mesh"; add it',
  },
  {
    name: 'another CA below the right root',
    of: [BELOW, issued(testAnswer(BELOW, OTHER_SUB), OTHER_SUB)],
    code: 'AnswerIdentifierDiffers',
    message: "its authority key identifier is not the issuer's CA",
  },
  {
    name: 'row 08: another root',
    of: [signBelow([IMPOSTOR, TEST_ROOT]), issued(testAnswer(BELOW, IMPOSTOR), STRANGER)],
    code: 'AnswerRootDiffers',
    message: otherRoot(STRANGER),
  },
  {
    name: 'a forger with the name and key identifier of the root',
    of: [TEST_SIGN, issued(testAnswer(TEST_SIGN, FORGER), FORGER)],
    code: 'AnswerRootDiffers',
    message: otherRoot(FORGER),
  },
]

for (const { name, of, code, message } of CHAINS) {
  test(`answer: ${name}`, () => assert.deepEqual(verifyAnswer(...of, TEST_NOW), refused(code, message)))
}

for (const [name, root, sub] of [
  ['row 41: the CA above', {}, { notAfter: EARLY }],
  ['row 43: the root', { notAfter: EARLY }, {}],
] as const) {
  test(`answer: it outlives ${name}`, () => {
    const proof = verifyAnswer(...deepAnswer(root, sub), TEST_NOW)
    assert.deepEqual(
      proof,
      refused(
        'AnswerOutlivesAuthority',
        `it would outlive ${name.endsWith('root') ? 'CN=Mesh Root' : 'CN=Mesh Sub'}, which stands above it`,
      ),
    )
  })
}

test('good answer: it ends together with the CA and the root above', () => {
  assert.equal(verifyAnswer(...deepAnswer({ notAfter }, { notAfter }), TEST_NOW).ok, true)
})

test('an answer with nothing in it', () => {
  const proof = verifyAnswer(TEST_SIGN, { state: 'issued', chain: [], roots: [] }, TEST_NOW)
  assert.deepEqual(proof, { ok: false, code: 'AnswerEmpty', message: 'the PKI answered without a certificate' })
})

for (const [name, options] of [
  ['has none', { without: [OID.subjectKeyIdentifier] }],
  [
    'is not derived from its key',
    { extensions: [{ oid: OID.subjectKeyIdentifier, critical: false, value: octetString(Uint8Array.of(1, 2, 3)) }] },
  ],
] as const) {
  test(`a signer whose key identifier ${name} is told by what its PKI writes`, () => {
    const signer = testCa({ subject: 'CN=Mesh Root', ...options })
    const sign = signBelow([signer])
    assert.equal(verifyAnswer(sign, issued(testAnswer(sign, signer)), TEST_NOW).ok, true)
    const other = testAnswer(sign, signer, {
      extensions: [{ ...AUTHORITY_KEY, value: sequence(octets(Uint8Array.of(9))) }],
    })
    assert.deepEqual(verifyAnswer(sign, issued(other), TEST_NOW).ok, false)
  })
}
