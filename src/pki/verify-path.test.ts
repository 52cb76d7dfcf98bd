import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW, type TestCertificateOptions, testLeaf } from '../testing/certificates.ts'
import { constraints, dns, uri } from '../testing/names.ts'
import { type PathChanges, testPath } from '../testing/paths.ts'
import { verifyPath } from './path.ts'

const SERVER = '1.3.6.1.5.5.7.3.1'
const DAY_MS = 86_400_000

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
