import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEST_NOW } from '../testing/certificates.ts'
import { readTicket, ticketCondition } from './ticket-condition.ts'

const ARN = 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1/certificate/2'
const WRITTEN = ticketCondition(ARN, TEST_NOW)

test('a ticket is read as it was written', () => {
  assert.deepEqual(WRITTEN, {
    type: 'meshca.dev/Signing',
    status: 'True',
    reason: 'TakenByPKI',
    message: ARN,
    lastTransitionTime: '2026-11-23T12:00:00Z',
  })
  assert.equal(readTicket(WRITTEN), ARN)
})

for (const [name, change] of [
  ['of another reason', { reason: 'Else' }],
  ['with no message', { message: '' }],
  ['with a space', { message: 'a b' }],
  ['with a line end', { message: `${ARN}\n` }],
  ['that is too long', { message: 'a'.repeat(513) }],
] as const) {
  test(`a condition ${name} is no ticket`, () => assert.equal(readTicket({ ...WRITTEN, ...change }), undefined))
}

test('no condition, no ticket', () => assert.equal(readTicket(undefined), undefined))
