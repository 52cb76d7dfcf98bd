import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SigningError } from '../backend.ts'
import type { AwsSigningAlgorithm } from './config.ts'
import { signingAlgorithmFor } from './signing-algorithm.ts'

interface Row {
  readonly key: string
  readonly own: string
  readonly pin?: AwsSigningAlgorithm
  readonly result: string
}

const UNFIT = 'signing-algorithm-unfit'
const ROWS: readonly Row[] = [
  { key: 'EC_prime256v1', own: 'SHA256WITHECDSA', result: 'SHA256WITHECDSA' },
  { key: 'EC_secp384r1', own: 'SHA384WITHECDSA', result: 'SHA384WITHECDSA' },
  { key: 'RSA_4096', own: 'SHA512WITHRSA', result: 'SHA512WITHRSA' },
  { key: 'RSA_2048', own: 'SHA256WITHRSA', pin: 'SHA384WITHRSA', result: 'SHA384WITHRSA' },
  { key: 'RSA_2048', own: 'SHA256WITHRSA', pin: 'SHA256WITHECDSA', result: UNFIT },
  { key: 'EC_secp521r1', own: 'SHA512WITHECDSA', pin: 'SHA512WITHRSA', result: UNFIT },
  { key: 'EC_prime256v1', own: 'SHA256WITHRSA', result: UNFIT },
  { key: 'EC_prime256v1', own: 'NEW', result: UNFIT },
  { key: 'SM2', own: 'SM3WITHSM2', result: 'key-algorithm-unsupported' },
  { key: '', own: '', result: 'key-algorithm-unsupported' },
]

for (const { key, own, pin, result } of ROWS) {
  test(`a ${key} key made for ${own}, ${pin ?? 'nothing'} pinned: ${result}`, () => {
    const algorithms = { keyAlgorithm: key, signingAlgorithm: own }
    if (/^SHA/.test(result)) return assert.equal(signingAlgorithmFor(pin, algorithms), result)
    assert.throws(
      () => signingAlgorithmFor(pin, algorithms),
      (error: unknown) => {
        assert.ok(error instanceof SigningError)
        assert.deepEqual([error.remedy, error.code, error.part], ['recheck-issuer', result, 'AuthorityReady'])
        return true
      },
    )
  })
}

test('a pin of another family is told with what would fit', () => {
  assert.throws(
    () => signingAlgorithmFor('SHA256WITHRSA', { keyAlgorithm: 'EC_prime256v1', signingAlgorithm: 'SHA256WITHECDSA' }),
    {
      message:
        "signingAlgorithm SHA256WITHRSA does not fit the CA's ECDSA key; set awsPrivateCA.signingAlgorithm to one that ends in WITHECDSA, or leave it out",
    },
  )
})
