import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Backend, SigningError, type SigningResult } from '../backends/backend.ts'
import { decide, type Sign } from '../issuance/decide.ts'
import { verifyAnswer } from '../issuance/verify-answer.ts'
import type { Certificate } from '../pki/certificate.ts'
import { type FactsChange, type SpecInput, testFacts, testReadiness } from './builders.ts'
import { TEST_NOW, type TestCsrOptions, testCsr } from './certificates.ts'
import { testKeys } from './keys.ts'
import { constraints, dns, email, ip, uri } from './names.ts'

/** A back end to hold to the contract. Its authority is valid around `TEST_NOW` for more than 60 days and has a path length of 2 or more, or none. */
export interface ContractSubject {
  readonly name: string
  readonly open: () => Backend | Promise<Backend>
  /** Whether the same request twice gives the same content; false for services that cannot. */
  readonly repeats: boolean
}

type Issued = Extract<SigningResult, { readonly state: 'issued' }>

/** RSA keys take a while to make, so all subjects share them. */
const keys = testKeys()
const KEYS = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519'] as const
const NAMES = [
  dns('a.example'),
  dns('*.b.example'),
  ip('10.0.0.1'),
  email('ops@a.example'),
  uri('spiffe://td/ns/a/sa/b'),
]
const LEAF = { isCA: false, usages: ['digital signature', 'server auth', 'client auth'] }
/** Polls of an answer that is pending. */
const PATIENCE = 20

interface Case {
  readonly name: string
  readonly csr?: TestCsrOptions
  readonly request?: FactsChange['request']
  readonly spec?: SpecInput
}

const CASES: readonly Case[] = [
  { name: 'a mesh CA' },
  { name: 'a mesh CA of path length 1', spec: { pathLength: 1 } },
  { name: 'a mesh CA with names', csr: { names: NAMES } },
  {
    name: 'a mesh CA with name constraints',
    csr: { nameConstraints: constraints({ uriDomains: ['cluster.local'] }, { dnsDomains: ['evil.example'] }) },
  },
  { name: 'name constraints of the issuer', spec: { nameConstraints: { excluded: { ipRanges: ['10.0.0.0/8'] } } } },
  {
    name: 'name constraints that are not critical',
    spec: { nameConstraints: { critical: false, permitted: { uriDomains: ['cluster.local'] } } },
  },
  { name: 'a CA that is not for a mesh', spec: { profile: 'Any' }, request: { usages: ['cert sign', 'server auth'] } },
  { name: 'an end-entity certificate', spec: { profile: 'Any' }, csr: { names: NAMES }, request: LEAF },
  {
    name: 'a certificate with no subject',
    spec: { profile: 'Any' },
    csr: { subject: '', names: NAMES },
    request: LEAF,
  },
  { name: 'a certificate with no names', spec: { profile: 'EndEntity' }, request: LEAF },
  { name: 'an hour', request: { duration: '1h' } },
]

/** Registers the tests that every back end passes. */
export function testBackend(subject: ContractSubject): void {
  describe(`${subject.name} as a back end`, () => {
    testAuthority(subject)
    for (const { name, ...one } of CASES) {
      test(`signs ${name}`, async () => {
        const backend = await subject.open()
        await proved(backend, await signFor(backend, one))
      })
    }
    for (const kind of KEYS) {
      test(`signs for a key of kind ${kind}`, async () => {
        const backend = await subject.open()
        const csr = { key: keys(kind, 'contract') }
        await proved(backend, await signFor(backend, { csr, spec: { allowedKeys: [...KEYS] } }))
      })
    }
    testRepeats(subject)
    testRefusals(subject)
  })
}

function testAuthority({ open }: ContractSubject): void {
  test('shows its authority: the signer first, the root last', async () => {
    const { certificate, chain, root } = await (await open()).check(new AbortController().signal)
    assert.equal(chain[0], certificate)
    assert.ok(certificate.basicConstraints?.cA)
    assert.equal(root.subject.text, root.issuer.text)
    const links = chain.at(-1) === root ? chain : [...chain, root]
    for (const [index, link] of links.entries()) assert.equal(link.issuer.text, (links[index + 1] ?? root).subject.text)
  })
}

function testRepeats({ open, repeats }: ContractSubject): void {
  test('gives equal content for the same request', { skip: !repeats }, async () => {
    const [first, second] = [await open(), await open()]
    const sign = await signFor(first, {})
    assert.deepEqual(contentOf(await proved(second, sign)), contentOf(await proved(first, sign)))
  })

  test('gives different certificates for requests that differ in their UID only', async () => {
    const backend = await open()
    const [one, other] = [
      await proved(backend, await signFor(backend, { request: { uid: 'uid-1' } })),
      await proved(backend, await signFor(backend, { request: { uid: 'uid-2' } })),
    ]
    assert.notEqual(one.serialNumber, other.serialNumber)
  })
}

function testRefusals({ open }: ContractSubject): void {
  test('refuses what would outlive its authority, and says who can mend it', async () => {
    const backend = await open()
    const { request } = await signFor(backend, {})
    const { certificate } = await backend.check(new AbortController().signal)
    const late = { ...request, notAfter: certificate.notAfter + 1000 }
    await assert.rejects(backend.sign(late, new AbortController().signal), (error: unknown) => {
      assert.ok(error instanceof SigningError)
      assert.equal(error.remedy, 'recheck-issuer')
      assert.match(error.code, /^[a-z]+(?:-[a-z]+)*$/)
      assert.ok(error.message.length > 20)
      return true
    })
  })

  test('stops when it is told to', async () => {
    const backend = await open()
    const { request } = await signFor(backend, {})
    const stopped = AbortSignal.abort()
    await assert.rejects(backend.sign(request, stopped))
    await assert.rejects(backend.check(stopped))
  })
}

/** What would be decided about a request to an issuer with this back end. */
async function signFor(backend: Backend, { csr, request, spec }: Omit<Case, 'name'>): Promise<Sign> {
  const readiness = testReadiness(await backend.check(new AbortController().signal))
  const { csrPem } = testCsr({ subject: 'CN=istiod-ca,O=Mesh', ...csr })
  const decision = decide(
    testFacts({ request: { csr: csrPem, ...request }, ...(spec && { spec }), issuer: { readiness } }),
  )
  assert.ok(decision.do === 'sign', 'message' in decision ? decision.message : '')
  return decision
}

/** Signs and proves; an answer that is pending is asked for again. */
async function proved(backend: Backend, sign: Sign): Promise<Certificate> {
  const proof = verifyAnswer(sign, await patiently(backend, sign), TEST_NOW)
  assert.ok(proof.ok, 'message' in proof ? proof.message : '')
  assert.equal(proof.certificate.subject.text, sign.request.csr.subject.text)
  return proof.certificate
}

async function patiently(backend: Backend, { request }: Sign): Promise<Issued> {
  for (let turn = 0; turn < PATIENCE; turn += 1) {
    const result = await backend.sign(request, new AbortController().signal)
    if (result.state === 'issued') return result
    assert.ok(result.pollAfterMs > 0)
  }
  return assert.fail('the answer is pending for ever')
}

/** What is signed: signatures of ECDSA differ each time. */
function contentOf(certificate: Certificate): string {
  return Buffer.from(certificate.signedData.signed).toString('hex')
}
