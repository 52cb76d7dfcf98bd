import assert from 'node:assert/strict'
import { constants, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { testKeys } from '../testing/keys.ts'
import { publicKeyOf } from '../testing/signing.ts'
import { constructedTag } from './der-reader.ts'
import { element, nullValue, objectIdentifier, sequence, smallInteger } from './der-writer.ts'
import type { PublicKey } from './public-key.ts'
import { SignedData, type SignedParts } from './signature-algorithm.ts'

const keys = testKeys()
const signed = Buffer.from('contents')
function signatureProblem(parts: SignedParts, key: PublicKey): string | undefined {
  return new SignedData(parts).problem(key)
}

const HASHES = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}

interface Pss {
  readonly hash: keyof typeof HASHES
  readonly mask?: keyof typeof HASHES
  readonly salt: number
  readonly trailer?: number
}

/** RSASSA-PSS-params as OpenSSL writes them. */
function pss({ hash, mask = hash, salt, trailer }: Pss): Uint8Array {
  const algorithm = (name: keyof typeof HASHES) => sequence(objectIdentifier(HASHES[name]))
  const fields = [
    element(constructedTag(0), algorithm(hash)),
    element(constructedTag(1), sequence(objectIdentifier('1.2.840.113549.1.1.8'), algorithm(mask))),
    element(constructedTag(2), smallInteger(salt)),
    ...(trailer === undefined ? [] : [element(constructedTag(3), smallInteger(trailer))]),
  ]
  return sequence(objectIdentifier('1.2.840.113549.1.1.10'), sequence(...fields))
}

function pssProblem(parameters: Pss, made: { readonly hash: string; readonly salt: number }): string | undefined {
  const privateKey = keys('RSA', 'pss')
  const key = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: made.salt }
  const signature = sign(made.hash, signed, key)
  return signatureProblem({ signed, signature, algorithmIdentifier: pss(parameters) }, publicKeyOf(privateKey))
}

describe('RSASSA-PSS', () => {
  const unknown = 'is made with an algorithm that is not supported'
  const wrong = 'does not match the RSA 2048 key'
  const rows: readonly (readonly [
    string,
    Pss,
    { readonly hash: string; readonly salt: number },
    string | undefined,
  ])[] = [
    ['SHA-256', { hash: 'sha256', salt: 32 }, { hash: 'sha256', salt: 32 }, undefined],
    ['SHA-384', { hash: 'sha384', salt: 48 }, { hash: 'sha384', salt: 48 }, undefined],
    ['SHA-512', { hash: 'sha512', salt: 64 }, { hash: 'sha512', salt: 64 }, undefined],
    ['another salt than it says', { hash: 'sha256', salt: 32 }, { hash: 'sha256', salt: 20 }, wrong],
    ['another hash than it says', { hash: 'sha512', salt: 64 }, { hash: 'sha384', salt: 64 }, wrong],
    ['a salt that is not as long as the hash', { hash: 'sha256', salt: 20 }, { hash: 'sha256', salt: 20 }, unknown],
    ['two hashes', { hash: 'sha256', mask: 'sha512', salt: 32 }, { hash: 'sha256', salt: 32 }, unknown],
    ['a trailer', { hash: 'sha256', salt: 32, trailer: 1 }, { hash: 'sha256', salt: 32 }, unknown],
    ['SHA-1', { hash: 'sha1', salt: 20 }, { hash: 'sha1', salt: 20 }, unknown],
  ]
  for (const [what, parameters, made, expected] of rows) {
    test(what, () => assert.equal(pssProblem(parameters, made), expected))
  }

  test('parameters that are all defaults mean SHA-1', () => {
    const algorithmIdentifier = sequence(objectIdentifier('1.2.840.113549.1.1.10'), sequence())
    const data = { signed, signature: Buffer.alloc(256), algorithmIdentifier }
    assert.equal(signatureProblem(data, publicKeyOf(keys('RSA', 'pss'))), unknown)
  })
})

describe('PKCS #1', () => {
  const key = publicKeyOf(keys('RSA', 'pkcs1'))
  const signature = sign('sha256', signed, keys('RSA', 'pkcs1'))
  const problem = (...parameters: readonly Uint8Array[]) =>
    signatureProblem(
      { signed, signature, algorithmIdentifier: sequence(objectIdentifier('1.2.840.113549.1.1.11'), ...parameters) },
      key,
    )

  test('with the parameter NULL', () => assert.equal(problem(nullValue()), undefined))
  test('without parameters, which RFC 4055 asks to accept', () => assert.equal(problem(), undefined))
  test('not with others', () => assert.equal(problem(sequence()), 'is made with an algorithm that is not supported'))
  test('not with two', () =>
    assert.equal(problem(nullValue(), nullValue()), 'is made with an algorithm that is not supported'))
})

describe('ECDSA', () => {
  const key = publicKeyOf(keys('ECDSA-P256', 'ec'))
  const algorithmIdentifier = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
  const rows: readonly (readonly [string, Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['zeros', sequence(smallInteger(0), smallInteger(0)) as Buffer],
    ['noise', Buffer.alloc(70, 0x30)],
    ['half', sign('sha256', signed, keys('ECDSA-P256', 'ec')).subarray(0, 35)],
  ]
  for (const [what, signature] of rows) {
    test(`${what} is no signature`, () => {
      assert.equal(
        signatureProblem({ signed, signature, algorithmIdentifier }, key),
        'does not match the ECDSA P-256 key',
      )
    })
  }
})

describe('what held once', () => {
  const algorithmIdentifier = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
  const [own, other] = [publicKeyOf(keys('ECDSA-P256', 'own')), publicKeyOf(keys('ECDSA-P256', 'other'))]

  test('holds again under that key, and not under another', () => {
    const data = new SignedData({
      signed,
      signature: sign('sha256', signed, keys('ECDSA-P256', 'own')),
      algorithmIdentifier,
    })
    const wrong = 'does not match the ECDSA P-256 key'
    assert.deepEqual(
      [own, own, other, own].map((key) => data.problem(key)),
      [undefined, undefined, wrong, undefined],
    )
  })

  test('with SHA-1 does not hold where that no longer counts', () => {
    const signature = sign('sha1', signed, keys('ECDSA-P256', 'own'))
    const data = new SignedData({
      signed,
      signature,
      algorithmIdentifier: sequence(objectIdentifier('1.2.840.10045.4.1')),
    })
    assert.deepEqual(
      [data.problem(own, true), data.problem(own)],
      [undefined, 'is made with SHA-1, which is no longer safe'],
    )
  })
})
