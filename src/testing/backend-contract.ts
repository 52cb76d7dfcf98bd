import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Backend,
  type Issued,
  type Remedy,
  SigningError,
  type SigningResult,
  type Ticket,
} from '../backends/backend.ts'
import { decide, type Sign } from '../issuance/decide.ts'
import { verifyAnswer } from '../issuance/verify-answer.ts'
import type { Certificate } from '../pki/certificate.ts'
import type { KeyKind } from '../pki/public-key.ts'
import { type FactsChange, type SpecInput, testFacts, testReadiness } from './builders.ts'
import type { TestCsrOptions } from './certificate-options.ts'
import { TEST_NOW, testCsr } from './certificates.ts'
import { testKeys } from './keys.ts'
import { constraints, dns, email, ip, uri } from './names.ts'

/** A back end to hold to the contract. Its authority is valid around its `now` for more than 60 days and has a path length of 2 or more, or none. */
export interface ContractSubject {
  readonly name: string
  readonly open: () => Backend | Promise<Backend>
  /** Whether the same request twice gives the same content; false for services that cannot. */
  readonly repeats: boolean
  /** The kinds of key that it signs; all of them where absent. The others it refuses as only another request could mend. */
  readonly keys?: readonly KeyKind[]
  /** Names of the cases that the service cannot honour, none where absent: they are refused, not signed otherwise. */
  readonly refuses?: readonly string[]
  /** Epoch milliseconds: the time where the service runs; `TEST_NOW` where absent. */
  readonly now?: () => number
  /** Lets time pass for an answer that is pending; at once where absent. */
  readonly wait?: (ms: number) => Promise<void>
}

/** RSA keys take a while to make, so all subjects share them. */
const keys = testKeys()
const KEYS: readonly KeyKind[] = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']
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
  { name: 'a mesh CA whose CSR says that it is one', csr: { isCA: true } },
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
      const taken = subject.refuses?.includes(name) !== true
      test(`${taken ? 'signs' : 'refuses'} ${name}`, async () => {
        const backend = await subject.open()
        const sign = await signFor(subject, backend, one)
        if (taken) await proved(subject, backend, sign)
        else await refused(backend.sign(sign.request, new AbortController().signal), 'give-up')
      })
    }
    testKeyKinds(subject)
    testRepeats(subject)
    testRefusals(subject)
  })
}

function testKeyKinds(subject: ContractSubject): void {
  const spec = { allowedKeys: [...KEYS] }
  for (const kind of KEYS) {
    const taken = subject.keys?.includes(kind) ?? true
    test(`${taken ? 'signs for' : 'refuses'} a key of kind ${kind}`, async () => {
      const backend = await subject.open()
      const sign = await signFor(subject, backend, { csr: { key: keys(kind, 'contract') }, spec })
      if (taken) await proved(subject, backend, sign)
      else await refused(backend.sign(sign.request, new AbortController().signal), 'give-up')
    })
  }
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

function testRepeats(subject: ContractSubject): void {
  const { open, repeats } = subject
  test('gives equal content for the same request', { skip: !repeats }, async () => {
    const [first, second] = [await open(), await open()]
    const sign = await signFor(subject, first, {})
    assert.deepEqual(contentOf(await proved(subject, second, sign)), contentOf(await proved(subject, first, sign)))
  })

  test('gives different certificates for requests that differ in their UID only', async () => {
    const backend = await open()
    const [one, other] = [
      await proved(subject, backend, await signFor(subject, backend, { request: { uid: 'uid-1' } })),
      await proved(subject, backend, await signFor(subject, backend, { request: { uid: 'uid-2' } })),
    ]
    assert.notEqual(one.serialNumber, other.serialNumber)
  })
}

function testRefusals(subject: ContractSubject): void {
  const { open } = subject
  test('refuses what would outlive its authority, and says who can mend it', async () => {
    const backend = await open()
    const { request } = await signFor(subject, backend, {})
    const { certificate } = await backend.check(new AbortController().signal)
    const late = { ...request, notAfter: certificate.notAfter + 1000 }
    await refused(backend.sign(late, new AbortController().signal), 'recheck-issuer')
  })

  test('stops when it is told to', async () => {
    const backend = await open()
    const { request } = await signFor(subject, backend, {})
    const stopped = AbortSignal.abort()
    await assert.rejects(backend.sign(request, stopped))
    await assert.rejects(backend.check(stopped))
  })
}

/** It is refused in words, with a code. */
async function refused(signing: Promise<SigningResult>, remedy: Remedy): Promise<void> {
  await assert.rejects(signing, (error: unknown) => {
    assert.ok(error instanceof SigningError)
    assert.equal(error.remedy, remedy)
    assert.match(error.code, /^[a-z]+(?:-[a-z]+)*$/)
    assert.ok(error.message.length > 20)
    return true
  })
}

/** What would be decided about a request to an issuer with this back end. */
async function signFor(subject: ContractSubject, backend: Backend, one: Omit<Case, 'name'>): Promise<Sign> {
  const { csr, request, spec } = one
  const readiness = testReadiness(await backend.check(new AbortController().signal))
  const { csrPem } = testCsr({ subject: 'CN=istiod-ca,O=Mesh', ...csr })
  const now = nowOf(subject)
  const decision = decide(
    testFacts({
      request: { csr: csrPem, approvedAt: now, ...request },
      ...(spec && { spec }),
      issuer: { readiness },
      facts: { base: now, now },
    }),
  )
  assert.ok(decision.do === 'sign', 'message' in decision ? decision.message : '')
  return decision
}

/** In whole seconds, as approvals have it. */
function nowOf({ now }: ContractSubject): number {
  return now === undefined ? TEST_NOW : Math.floor(now() / 1000) * 1000
}

/** Signs and proves; an answer that is pending is asked for again. */
async function proved(subject: ContractSubject, backend: Backend, sign: Sign): Promise<Certificate> {
  const proof = verifyAnswer(sign, await patiently(subject, backend, sign), nowOf(subject))
  assert.ok(proof.ok, 'message' in proof ? proof.message : '')
  assert.equal(proof.certificate.subject.text, sign.request.csr.subject.text)
  return proof.certificate
}

/** What the PKI gave for a request that it has taken is shown to it each time, as the shell does. */
async function patiently({ wait }: ContractSubject, backend: Backend, { request }: Sign): Promise<Issued> {
  let ticket: Ticket | undefined
  for (let turn = 0; turn < PATIENCE; turn += 1) {
    const result = await backend.sign(
      ticket === undefined ? request : { ...request, ticket },
      new AbortController().signal,
    )
    if (result.state === 'issued') return result
    assert.ok(result.pollAfterMs > 0)
    if (result.ticket !== undefined)
      ticket = { value: result.ticket, polls: ticket?.value === result.ticket ? ticket.polls + 1 : 1 }
    await wait?.(result.pollAfterMs)
  }
  return assert.fail('the answer is pending for ever')
}

/** What is signed: signatures of ECDSA differ each time. */
function contentOf(certificate: Certificate): string {
  return Buffer.from(certificate.signedData.signed).toString('hex')
}
