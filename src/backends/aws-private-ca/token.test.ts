import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { awsRequest } from '../../testing/aws-stage.ts'
import { testCsr } from '../../testing/certificates.ts'
import { idempotencyToken, type Order } from './token.ts'

const ORDER: Order = {
  authority: 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1',
  template: 'SubordinateCACertificate_PathLen0/V1',
  signingAlgorithm: 'SHA256WITHECDSA',
  passthrough: undefined,
  request: awsRequest(),
}

function changed(change: Partial<Order['request']>): Order {
  return { ...ORDER, request: { ...ORDER.request, ...change } }
}

const OTHERS: Readonly<Record<string, Order>> = {
  'W-A4: another cluster': changed({ clusterId: 'cluster-2' }),
  'W-A4: the same name made anew': changed({ uid: 'uid-2' }),
  'another CSR': changed({ csr: testCsr({ subject: 'CN=other' }).csr }),
  'another beginning': changed({ notBefore: ORDER.request.notBefore + 1000 }),
  'another end': changed({ notAfter: ORDER.request.notAfter + 1000 }),
  'another CA': { ...ORDER, authority: `${ORDER.authority}2` },
  'another template': { ...ORDER, template: 'SubordinateCACertificate_PathLen1/V1' },
  'another algorithm': { ...ORDER, signingAlgorithm: 'SHA384WITHECDSA' },
  'other extensions': { ...ORDER, passthrough: { Extensions: { KeyUsage: { CRLSign: true } } } },
}

for (const [name, order] of Object.entries(OTHERS)) {
  test(`${name} has another token`, () => assert.notEqual(idempotencyToken(order), idempotencyToken(ORDER)))
}

test('W-A13: a repeat has the same token', () => {
  assert.equal(idempotencyToken(changed({})), idempotencyToken(ORDER))
})

test('every token is one that AWS takes, and nothing moves from one field to the next', () => {
  const orders = fc.record({ clusterId: fc.string(), uid: fc.string() })
  fc.assert(
    fc.property(orders, orders, (one, other) => {
      const [a, b] = [idempotencyToken(changed(one)), idempotencyToken(changed(other))]
      assert.match(a, /^[A-Za-z0-9_-]{36}$/)
      assert.equal(a === b, one.clusterId === other.clusterId && one.uid === other.uid)
    }),
  )
})
