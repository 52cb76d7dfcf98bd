import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestCertificateOptions } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, uri } from '../testing/names.ts'
import { type PathChanges, testPath } from '../testing/paths.ts'
import { trialPath, verifyPath } from './path.ts'
import { publicKeyFromSpki } from './public-key.ts'

const keys = testKeys()

const SERVER = '1.3.6.1.5.5.7.3.1'
const DAY_MS = 86_400_000

const trial = {
  description: 'a trial',
  names: [uri('spiffe://cluster.local/ns/a/sa/b'), dns('istiod.istio-system.svc')],
  extKeyUsage: [SERVER],
}

describe('a trial leaf below unusual paths', () => {
  test('a chain may end with its root, or be the root', () => {
    const { chain, root } = testPath()
    assert.equal(trialPath(trial, [...chain, root], root, TEST_NOW), undefined)
    assert.equal(trialPath(trial, [root], root, TEST_NOW), undefined)
    assert.equal(trialPath(trial, [], root, TEST_NOW), undefined)
  })

  test('links are looked at in their order', () => {
    const { chain, root } = testPath()
    const mismatch = '"CN=Sub" does not name "CN=Int" and its key identifier as its issuer'
    assert.deepEqual(trialPath(trial, [...chain].reverse(), root, TEST_NOW), {
      code: 'issuer-mismatch',
      message: mismatch,
    })
  })

  test('a root must have signed itself', () => {
    const [int, sub] = testPath().chain
    assert.ok(int && sub)
    const message = '"CN=Sub" is not a self-signed root'
    assert.deepEqual(trialPath(trial, [int], sub, TEST_NOW), { code: 'root-not-self-signed', message })
  })

  test('a CA whose key cannot be used signed nothing', () => {
    const { chain, root } = testPath()
    const bent = Buffer.from(root.publicKey.spki).fill(1, root.publicKey.spki.length - 64)
    const found = trialPath(trial, chain, { ...root, publicKey: publicKeyFromSpki(bent) }, TEST_NOW)
    const reason = 'the ECDSA P-256 public key cannot be used; make a new key pair'
    assert.deepEqual(found, { code: 'signature', message: `the signature on "CN=Sub" cannot be verified: ${reason}` })
  })

  test('self-issued CAs count in path lengths, as in Go', () => {
    const root = testCa({ subject: 'CN=Root', pathLength: 0 })
    const rolled = testIntermediate(root, { subject: 'CN=Root', key: keys('ECDSA-P256', 'rolled') })
    assert.equal(trialPath(trial, [rolled.certificate], root.certificate, TEST_NOW)?.code, 'path-length')
  })
})

describe('a chain by itself', () => {
  test('what limits a leaf below it is no problem of its own', () => {
    for (const int of [
      { isCA: false },
      { keyUsage: ['cRLSign'] },
      { nameConstraints: constraints({ uriDomains: ['x'] }) },
    ] as const) {
      const { chain, root } = testPath({ int })
      assert.equal(verifyPath(chain, root, TEST_NOW), undefined)
    }
  })

  const leaves: readonly (readonly [string, PathChanges, TestCertificateOptions, string | undefined])[] = [
    ['an end entity', {}, {}, undefined],
    ['its usages', { sub: { extKeyUsage: [SERVER] } }, {}, 'extended-key-usage'],
    [
      'its names',
      { sub: { nameConstraints: constraints({ dnsDomains: ['org'] }) } },
      { names: [dns('a.com'), uri('spiffe://a')] },
      'name-constraints',
    ],
    ['its time', {}, { notBefore: TEST_NOW - 2 * DAY_MS, notAfter: TEST_NOW - DAY_MS }, 'expired'],
    ['the CA right above it', { int: { isCA: false } }, {}, 'not-a-ca'],
    ['path lengths above it', { root: { pathLength: 1 } }, {}, 'path-length'],
  ]
  for (const [what, changes, options, code] of leaves) {
    test(what, () => {
      const { chain, root, int } = testPath(changes)
      assert.equal(verifyPath([testLeaf(int, options).certificate, ...chain], root, TEST_NOW)?.code, code)
    })
  }

  test('a root alone', () => {
    assert.equal(verifyPath([], testPath().root, TEST_NOW), undefined)
    assert.equal(verifyPath([testPath().root], testPath().root, TEST_NOW), undefined)
  })
})
