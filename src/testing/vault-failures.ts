import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VaultConfig } from '../backends/config.ts'
import { explain } from '../backends/vault/errors.ts'
import { refusal, unreachable, type VaultFailure } from '../backends/vault/failure.ts'
import type { Asked } from '../backends/vault/failure-row.ts'

/** The issuer whose failures are explained. */
export const FAILING: VaultConfig = {
  kind: 'vault',
  server: 'https://vault.example:8200',
  mount: 'pki',
  issuerRef: 'mesh',
  role: 'leaf',
  signs: ['ca'],
  auth: { method: 'appRole', mount: 'approle', roleID: 'id', secretID: 'secret-value' },
}
export const ASKED_TO_SIGN: Asked = {
  config: FAILING,
  purpose: 'sign',
  path: 'pki/issuer/mesh/sign-intermediate',
  capability: 'update',
}
export const ASKED_TO_LOG_IN: Asked = { ...ASKED_TO_SIGN, purpose: 'login', path: 'auth/approle/login' }

export function answered(status: number, ...errors: readonly string[]): VaultFailure {
  return refusal(status, { errors }, undefined)
}

export function broken(code: string): VaultFailure {
  return unreachable(Object.assign(new Error('x'), { code }))
}

/** A failure, and what is made of it; `says` of the message. */
export type FailureExpected = readonly [
  failure: VaultFailure,
  remedy: string,
  code: string,
  part: string | undefined,
  says: RegExp,
]

export function testFailures(asked: Asked, rows: Readonly<Record<string, FailureExpected>>): void {
  for (const [name, [failure, remedy, code, part, says]] of Object.entries(rows)) {
    test(`${asked.purpose}: ${name}`, () => {
      const error = explain(failure, asked)
      assert.deepEqual([error.remedy, error.code, error.part], [remedy, code, part])
      assert.match(error.message, says)
      assert.match(error.message, /^(?:Vault at vault\.example:8200|the |pki)/)
      assert.equal(error.cause, failure)
    })
  }
}
