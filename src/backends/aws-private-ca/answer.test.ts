import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestCertificate } from '../../testing/certificate-options.ts'
import { testCa, testIntermediate } from '../../testing/certificates.ts'
import { SigningError } from '../backend.ts'
import { IssuedReader, type PemAnswer, readAuthority } from './answer.ts'

const ROOT = testCa({ subject: 'CN=Root' })
const UPPER = testIntermediate(ROOT, { subject: 'CN=Upper', pathLength: 2 })
const SUB = testIntermediate(UPPER, { subject: 'CN=Sub', pathLength: 1 })
const LEAF = testIntermediate(SUB, { subject: 'CN=istiod' })
const OTHER = testCa({ subject: 'CN=Other' })

function pem(...certificates: readonly TestCertificate[]): string {
  return certificates.map(({ certificatePem }) => certificatePem).join('')
}

const ISSUED: readonly { readonly name: string; readonly answer: PemAnswer; readonly roots: readonly string[] }[] = [
  { name: 'the root last', answer: { certificate: pem(LEAF), chain: pem(SUB, UPPER, ROOT) }, roots: ['CN=Root'] },
  {
    name: 'W-A16: the root first',
    answer: { certificate: pem(LEAF), chain: pem(ROOT, SUB, UPPER) },
    roots: ['CN=Root'],
  },
  { name: 'W-A16: no root', answer: { certificate: pem(LEAF), chain: pem(SUB, UPPER) }, roots: [] },
  {
    name: 'W-A16: no newline at the end, blank lines between',
    answer: { certificate: pem(LEAF).trimEnd(), chain: `\n${pem(SUB)}\n\n${pem(ROOT).trimEnd()}` },
    roots: ['CN=Root'],
  },
  {
    name: 'duplicates',
    answer: { certificate: pem(LEAF), chain: pem(ROOT, SUB, ROOT) },
    roots: ['CN=Root', 'CN=Root'],
  },
  { name: 'no chain', answer: { certificate: pem(LEAF), chain: undefined }, roots: [] },
  { name: 'a blank chain', answer: { certificate: pem(LEAF), chain: ' \n' }, roots: [] },
]

for (const { name, answer, roots } of ISSUED) {
  test(`an issued certificate: ${name}`, () => {
    const issued = new IssuedReader().read(answer)
    assert.equal(issued.chain[0]?.subject.text, 'CN=istiod')
    assert.deepEqual(
      issued.roots.map(({ subject }) => subject.text),
      roots,
    )
  })
}

test('each answer is read with the chain that it came with', () => {
  const answers = new IssuedReader()
  const subjects = (answer: PemAnswer): readonly (readonly string[])[] => {
    const { chain, roots } = answers.read(answer)
    return [chain, roots].map((list) => list.map(({ subject }) => subject.text))
  }
  const chain = pem(SUB, UPPER, ROOT)
  const below = [['CN=istiod', 'CN=Sub', 'CN=Upper', 'CN=Root'], ['CN=Root']]
  assert.deepEqual(subjects({ certificate: pem(LEAF), chain }), below)
  assert.deepEqual(subjects({ certificate: pem(LEAF), chain }), below)
  assert.deepEqual(subjects({ certificate: pem(OTHER), chain: pem(ROOT) }), [
    ['CN=Other', 'CN=Root'],
    ['CN=Other', 'CN=Root'],
  ])
  assert.deepEqual(subjects({ certificate: pem(LEAF), chain: undefined }), [['CN=istiod'], []])
  assert.deepEqual(subjects({ certificate: pem(LEAF), chain }), below)
})

const AUTHORITIES: readonly { readonly name: string; readonly answer: PemAnswer; readonly chain: readonly string[] }[] =
  [
    { name: 'a root', answer: { certificate: pem(ROOT), chain: undefined }, chain: ['CN=Root'] },
    { name: 'a CA below', answer: { certificate: pem(SUB), chain: pem(UPPER, ROOT) }, chain: ['CN=Sub', 'CN=Upper'] },
    {
      name: 'in any order, with others',
      answer: { certificate: pem(SUB), chain: pem(ROOT, OTHER, UPPER, ROOT) },
      chain: ['CN=Sub', 'CN=Upper'],
    },
  ]

for (const { name, answer, chain } of AUTHORITIES) {
  test(`an authority: ${name}`, () => {
    const authority = readAuthority(answer)
    assert.deepEqual(
      authority.chain.map(({ subject }) => subject.text),
      chain,
    )
    assert.equal(authority.certificate, authority.chain[0])
    assert.equal(authority.root.subject.text, 'CN=Root')
  })
}

const UNREADABLE: Readonly<Record<string, PemAnswer>> = {
  'nothing at all': { certificate: '', chain: undefined },
  'no PEM': { certificate: 'certificate', chain: undefined },
  'a private key': { certificate: LEAF.privateKeyPem, chain: undefined },
  'a private key in the chain': { certificate: pem(LEAF), chain: pem(SUB) + SUB.privateKeyPem },
  'no DER': { certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', chain: undefined },
}

for (const [name, answer] of Object.entries(UNREADABLE)) {
  test(`an answer with ${name} is asked for again`, () => {
    for (const read of [(one: PemAnswer) => new IssuedReader().read(one), readAuthority]) {
      assert.throws(
        () => read(answer),
        (error: unknown) => {
          assert.ok(error instanceof SigningError)
          assert.deepEqual([error.remedy, error.code], ['retry', 'answer-unreadable'])
          assert.doesNotMatch(error.message, /PRIVATE KEY|AAAA/)
          return true
        },
      )
    }
  })
}

test('a chain that does not close is for the owner of the CA to mend', () => {
  assert.throws(
    () => readAuthority({ certificate: pem(SUB), chain: pem(ROOT) }),
    (error: unknown) => {
      assert.ok(error instanceof SigningError)
      assert.deepEqual(
        [error.remedy, error.code, error.part],
        ['recheck-issuer', 'authority-chain-open', 'AuthorityReady'],
      )
      assert.match(error.message, /CN=Upper/)
      return true
    },
  )
})
