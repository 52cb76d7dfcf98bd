import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_QUOTAS, Quotas } from './quotas.ts'
import { refusal } from './service-world.ts'

// "AWS Private CA endpoints and quotas" of the AWS General Reference.

function takes(quotas: Quotas, calls: number, now: number, operation = 'IssueCertificate'): number {
  const outcomes = Array.from({ length: calls }, () => refusal(() => quotas.take(operation, 'owner', now)))
  return outcomes.filter((outcome) => outcome === 'ok').length
}

test('a second holds as many calls as the quota, and they come back evenly', () => {
  const quotas = new Quotas(DEFAULT_QUOTAS)
  const at = [0, 0, 39, 40, 1040, 10_000]
  assert.deepEqual(
    at.map((now) => takes(quotas, 30, now)),
    [25, 0, 0, 1, 25, 25],
  )
})

test('operations and owners have buckets of their own, and what has no quota has no end', () => {
  const quotas = new Quotas({ IssueCertificate: 1 })
  const taken = [takes(quotas, 2, 0), takes(quotas, 2, 0, 'GetCertificate')]
  assert.deepEqual([...taken, refusal(() => quotas.take('IssueCertificate', 'other', 0))], [1, 2, 'ok'])
  assert.equal(
    refusal(() => quotas.take('IssueCertificate', 'owner', 0)),
    'ThrottlingException: Rate exceeded',
  )
})

test('new quotas begin with full buckets', () => {
  const quotas = new Quotas({ IssueCertificate: 1 })
  takes(quotas, 2, 0)
  quotas.set({ IssueCertificate: 2 })
  assert.equal(takes(quotas, 3, 0), 2)
})

test('never more than the quota and what has come back since', () => {
  const rate = 5
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 60 }), (gaps) => {
      const quotas = new Quotas({ IssueCertificate: rate })
      let now = 0
      let granted = 0
      for (const gap of gaps) {
        now += gap
        granted += takes(quotas, 1, now)
        assert.ok(granted <= rate + (now * rate) / 1000 + 1e-6)
      }
    }),
  )
})
