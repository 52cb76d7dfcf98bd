import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { TEST_NOW, testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import type { Certificate } from './certificate.ts'
import { orderChain } from './chain.ts'
import { OID } from './extensions.ts'

const keys = testKeys()
const made = testCa({ subject: 'CN=Root' })
const middle = testIntermediate(made, { subject: 'CN=Middle', pathLength: 1 })
const below = testIntermediate(middle, { subject: 'CN=Below' })
const leaf = testLeaf(below).certificate
const [root, sub, int] = [made.certificate, middle.certificate, below.certificate]
const stranger = testCa({ subject: 'CN=Stranger' }).certificate
/** Of the root's name, but not of its key. */
const namesake = testCa({ subject: 'CN=Root', key: keys('ECDSA-P256', 'another') }).certificate

const rows: readonly (readonly [string, Certificate, readonly Certificate[], readonly Certificate[]])[] = [
  ['in order', leaf, [int, sub, root], [leaf, int, sub]],
  ['backwards', leaf, [root, sub, int], [leaf, int, sub]],
  ['with duplicates and strangers', leaf, [stranger, root, int, leaf, namesake, int, sub, root], [leaf, int, sub]],
  ['a root alone', root, [], [root]],
  ['a root among others', root, [sub, root], [root]],
  ['right below the root', sub, [root], [sub]],
]

describe('a chain is ordered', () => {
  for (const [what, end, candidates, chain] of rows) {
    test(what, () => assert.deepEqual(orderChain(end, candidates), { chain, root }))
  }

  test('whatever the order of the candidates', () => {
    const candidates = fc.shuffledSubarray([int, sub, root, stranger, namesake, leaf], { minLength: 6 })
    fc.assert(
      fc.property(candidates, (list) => assert.deepEqual(orderChain(leaf, list), { chain: [leaf, int, sub], root })),
    )
  })

  test('a root that was renewed with its key: the one that lives longest, in any order', () => {
    const renewed = testCa({ subject: 'CN=Root', notAfter: TEST_NOW + 20 * 365 * 86_400_000 }).certificate
    for (const roots of [
      [root, renewed],
      [renewed, root],
    ])
      assert.equal(orderChain(sub, roots).root, renewed)
  })

  test('a cross certificate is taken only where the root itself is missing', () => {
    const other = testCa({ subject: 'CN=Other Root' })
    const cross = testIntermediate(other, { subject: 'CN=Root', key: made.privateKey, pathLength: null }).certificate
    assert.deepEqual(orderChain(sub, [cross, other.certificate, root]), { chain: [sub], root })
    assert.deepEqual(orderChain(sub, [cross, other.certificate]), { chain: [sub, cross], root: other.certificate })
  })

  test('a namesake’s signature decides where key identifiers are missing', () => {
    const bare = testIntermediate(made, { without: [OID.authorityKeyIdentifier] }).certificate
    assert.deepEqual(orderChain(bare, [namesake, root]), { chain: [bare], root })
  })
})

describe('a chain that is broken says whose issuer is missing', () => {
  const missing = (issuer: string, subject: string) =>
    `the chain is broken: no certificate given is the issuer "${issuer}" that signed "${subject}"; add it`
  const broken: readonly (readonly [string, readonly Certificate[], string])[] = [
    ['nothing', [], missing('CN=Below', 'CN=Test Leaf')],
    ['the root', [int, sub], missing('CN=Root', 'CN=Middle')],
    ['the middle', [int, root], missing('CN=Middle', 'CN=Below')],
    ['the root, with a namesake of it', [int, sub, namesake], missing('CN=Root', 'CN=Middle')],
  ]
  for (const [what, candidates, message] of broken) {
    test(what, () =>
      assert.throws(() => orderChain(leaf, candidates), { name: 'PkiError', code: 'chain-broken', message }),
    )
  }

  test('two CAs that sign each other lead nowhere', () => {
    const [a, b] = [keys('ECDSA-P256', 'a'), keys('ECDSA-P256', 'b')]
    const one = testIntermediate(testCa({ subject: 'CN=B', key: b }), { subject: 'CN=A', key: a })
    const two = testIntermediate(testCa({ subject: 'CN=A', key: a }), { subject: 'CN=B', key: b })
    const end = testLeaf(one).certificate
    assert.throws(() => orderChain(end, [one.certificate, two.certificate]), { code: 'chain-broken' })
  })

  test('more than a hundred certificates are not looked through', () => {
    const many = Array.from({ length: 101 }, (_, index) => testCa({ subject: `CN=${index}` }).certificate)
    const message =
      'there are more than 100 certificates to build the chain from; remove those that do not belong to it'
    assert.throws(() => orderChain(leaf, many), { name: 'PkiError', code: 'chain-too-long', message })
  })

  test('a tangle of cross certificates is given up in bounded time', () => {
    const [a, b] = [keys('Ed25519', 'a'), keys('Ed25519', 'b')]
    const tangle = Array.from({ length: 50 }, (_, index) => {
      const serialNumber = Buffer.of(1, index)
      const ab = testIntermediate(testCa({ subject: 'CN=B', key: b }), { subject: 'CN=A', key: a, serialNumber })
      const ba = testIntermediate(testCa({ subject: 'CN=A', key: a }), { subject: 'CN=B', key: b, serialNumber })
      return [ab.certificate, ba.certificate]
    }).flat()
    const end = testLeaf(testCa({ subject: 'CN=A', key: a })).certificate
    const started = process.cpuUsage()
    assert.throws(() => orderChain(end, tangle), { code: 'chain-broken' })
    assert.ok(process.cpuUsage(started).user < 3_000_000)
  })
})
