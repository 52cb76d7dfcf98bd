import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW, testCsr } from '../../certificates.ts'
import type { JsonObject } from './input.ts'
import { issueInput, refusal, type ServiceWorld, serviceWorld } from './service-world.ts'
import { STAGE_CA, STAGE_ROOT } from './stage.ts'
import { TEST_CA_ARN, testAuthority } from './world.ts'

// IssueCertificate of the API reference, IdempotencyToken: five minutes. What another CSR does is not documented there.

const WINDOW_MS = 300_000
const OTHER_CSR = testCsr({ subject: 'CN=other' }).csrPem
const OTHER_CA = TEST_CA_ARN.replace(/.$/, '0')

interface Second {
  readonly after?: number
  readonly change?: JsonObject
  readonly tokenCollision?: 'mint'
}

/** Issues twice. @returns certificates minted, whether the ARN was the same one, repeats, collisions */
function twice({ after = 0, change = {}, tokenCollision = undefined }: Second): readonly unknown[] {
  const authorities = [testAuthority(STAGE_CA, [STAGE_ROOT]), testAuthority(STAGE_CA, [STAGE_ROOT], { arn: OTHER_CA })]
  const world = serviceWorld({ authorities, ...(tokenCollision && { tokenCollision }) })
  const first = world.call('IssueCertificate', issueInput({ IdempotencyToken: 'token' }))
  world.setTime(TEST_NOW + after)
  const { output, note } = world.call('IssueCertificate', issueInput({ IdempotencyToken: 'token', ...change }))
  const same = output.CertificateArn === first.output.CertificateArn
  return [world.parts.journal.minted.length, same, note?.repeat ?? false, note?.tokenCollision ?? false]
}

const CASES: readonly (readonly [string, Second, readonly [number, boolean, boolean, boolean]])[] = [
  ['at once', {}, [1, true, true, false]],
  ['just within five minutes', { after: WINDOW_MS - 1 }, [1, true, true, false]],
  ['after five minutes', { after: WINDOW_MS }, [2, false, false, false]],
  ['with another validity', { change: { Validity: { Type: 'DAYS', Value: 2 } } }, [1, true, true, false]],
  ['another token', { change: { IdempotencyToken: 'other' } }, [2, false, false, false]],
  ['no token', { change: { IdempotencyToken: undefined } }, [2, false, false, false]],
  ['at another CA', { change: { CertificateAuthorityArn: OTHER_CA } }, [2, false, false, false]],
  ['with another CSR', { change: { csrPem: OTHER_CSR } }, [1, true, true, true]],
  [
    'with another CSR, where that mints',
    { change: { csrPem: OTHER_CSR }, tokenCollision: 'mint' },
    [2, false, true, true],
  ],
]

describe('a token that comes again', () => {
  for (const [title, second, expected] of CASES) {
    test(title, () => {
      assert.deepEqual(twice(second), expected)
    })
  }
})

const FAILURES: readonly (readonly [string, JsonObject, (world: ServiceWorld) => void])[] = [
  ['of its arguments', { Validity: { Type: 'YEARS', Value: 50 } }, () => undefined],
  ['of the state of the CA', {}, ({ parts }) => parts.authorities.get(TEST_CA_ARN).setStatus('DISABLED')],
]

describe('a call that failed does not use its token up, because', () => {
  for (const [title, change, prepare] of FAILURES) {
    test(title, () => {
      const world = serviceWorld()
      prepare(world)
      assert.notEqual(
        refusal(() => world.issue({ IdempotencyToken: 'token', ...change })),
        'ok',
      )
      world.parts.authorities.get(TEST_CA_ARN).setStatus('ACTIVE')
      world.issue({ IdempotencyToken: 'token' })
      assert.equal(world.parts.journal.minted.length, 1)
    })
  }
})

test('a token has 1 to 36 characters', () => {
  const world = serviceWorld()
  const token = (length: number) => refusal(() => world.issue({ IdempotencyToken: 'x'.repeat(length) }))
  assert.deepEqual(
    [0, 1, 36, 37].map((length) => token(length).replace(/^.* constraint: /, '')),
    [
      'Member must have length greater than or equal to 1',
      'ok',
      'ok',
      'Member must have length less than or equal to 36',
    ],
  )
})
