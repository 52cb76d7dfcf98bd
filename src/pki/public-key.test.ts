import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { type TestKeyKind, testKeys } from '../testing/keys.ts'
import { publicKeyOf } from '../testing/signing.ts'
import { TAG } from './der-reader.ts'
import {
  bitString,
  element,
  nullValue,
  objectIdentifier,
  sequence,
  smallInteger,
  unsignedInteger,
} from './der-writer.ts'
import { publicKeyFromSpki, samePublicKey, subjectKeyIdentifier } from './public-key.ts'

const keys = testKeys()
const RSA = sequence(objectIdentifier('1.2.840.113549.1.1.1'), nullValue())
const P256 = sequence(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier('1.2.840.10045.3.1.7'))
const ED25519 = sequence(objectIdentifier('1.3.101.112'))

const kinds: readonly (readonly [TestKeyKind, string, number, string])[] = [
  ['RSA-1024', 'RSA', 1024, 'RSA 1024'],
  ['RSA', 'RSA', 2048, 'RSA 2048'],
  ['RSA-3072', 'RSA', 3072, 'RSA 3072'],
  ['ECDSA-P256', 'ECDSA-P256', 256, 'ECDSA P-256'],
  ['ECDSA-P384', 'ECDSA-P384', 384, 'ECDSA P-384'],
  ['ECDSA-P521', 'ECDSA-P521', 521, 'ECDSA P-521'],
  ['Ed25519', 'Ed25519', 256, 'Ed25519'],
  ['ECDSA-secp256k1', 'unsupported', 0, 'ECDSA secp256k1'],
  ['Ed448', 'unsupported', 0, 'Ed448'],
]

function rsa(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return sequence(RSA, bitString(sequence(unsignedInteger(modulus), unsignedInteger(exponent))))
}

function point(first: number, length: number): Uint8Array {
  return bitString(Buffer.from([first, ...new Array<number>(length - 1).fill(1)]))
}

const odd = Buffer.alloc(256, 0xff)
const even = Buffer.concat([odd.subarray(1), Buffer.of(0xfe)])

const malformed: readonly (readonly [string, Uint8Array, string, string])[] = [
  [
    'a compressed point',
    sequence(P256, point(2, 33)),
    'public-key-invalid',
    'the public key is malformed: it is not an uncompressed point of ECDSA P-256',
  ],
  [
    'a short point',
    sequence(P256, point(4, 64)),
    'public-key-invalid',
    'the public key is malformed: it is not an uncompressed point of ECDSA P-256',
  ],
  [
    'a short Ed25519 key',
    sequence(ED25519, point(4, 31)),
    'public-key-invalid',
    'the public key is malformed: an Ed25519 key has 32 octets',
  ],
  [
    'an even modulus',
    rsa(even, Buffer.of(1, 0, 1)),
    'public-key-invalid',
    'the public key is malformed: its modulus or exponent is even or too large',
  ],
  [
    'an even exponent',
    rsa(odd, Buffer.of(2)),
    'public-key-invalid',
    'the public key is malformed: its modulus or exponent is even or too large',
  ],
  [
    'an exponent above 31 bits',
    rsa(odd, Buffer.of(0x80, 0, 0, 1)),
    'public-key-invalid',
    'the public key is malformed: its modulus or exponent is even or too large',
  ],
  ['an exponent of 1', rsa(odd, Buffer.of(1)), 'public-key-invalid', 'the public key is malformed: its exponent is 1'],
  [
    'a modulus above 16384 bits',
    rsa(Buffer.alloc(2049, 0xff), Buffer.of(3)),
    'public-key-invalid',
    'the public key is malformed: its modulus is longer than 16384 bits',
  ],
  [
    'RSA without parameters',
    sequence(sequence(objectIdentifier('1.2.840.113549.1.1.1')), bitString(sequence())),
    'der-invalid',
    'the public key is not well-formed DER: the NULL parameter of RSA is missing',
  ],
  [
    'RSA whose NULL is not empty',
    sequence(
      sequence(objectIdentifier('1.2.840.113549.1.1.1'), element(TAG.null, Buffer.of(0))),
      bitString(sequence(unsignedInteger(odd), smallInteger(3))),
    ),
    'der-invalid',
    'the public key is not well-formed DER: the NULL parameter of RSA is not empty',
  ],
  [
    'Ed25519 with parameters',
    sequence(sequence(objectIdentifier('1.3.101.112'), nullValue()), point(4, 32)),
    'der-invalid',
    'the public key is not well-formed DER: there are bytes behind its end',
  ],
  [
    'bytes behind an RSA key',
    sequence(RSA, bitString(Buffer.concat([sequence(unsignedInteger(odd), smallInteger(3)), Buffer.of(0)]))),
    'der-invalid',
    'the RSA key is not well-formed DER: there are bytes behind its end',
  ],
  [
    'a third number in an RSA key',
    sequence(RSA, bitString(sequence(unsignedInteger(odd), smallInteger(3), smallInteger(3)))),
    'der-invalid',
    'the RSA key is not well-formed DER: there are bytes behind its end',
  ],
  [
    'a curve and more',
    sequence(sequence(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier('1.2.3'), nullValue()), point(4, 65)),
    'der-invalid',
    'the public key is not well-formed DER: there are bytes behind its end',
  ],
  [
    'a third field',
    sequence(ED25519, point(4, 32), smallInteger(3)),
    'der-invalid',
    'the public key is not well-formed DER: there are bytes behind its end',
  ],
  [
    'bytes behind it',
    Buffer.concat([sequence(ED25519, point(4, 32)), Buffer.of(0)]),
    'der-invalid',
    'the public key is not well-formed DER: there are bytes behind its end',
  ],
]

describe('public keys', () => {
  for (const [kind, expected, bits, description] of kinds) {
    test(kind, () => {
      const key = publicKeyOf(keys(kind, 'subject'))
      assert.deepEqual([key.kind, key.bits, key.description], [expected, bits, description])
      assert.deepEqual(key.keyObject.export({ format: 'der', type: 'spki' }), key.spki)
      assert.equal(key.keyObject, key.keyObject)
    })
  }

  for (const [what, spki, code, message] of malformed) {
    test(`${what} is refused`, () => assert.throws(() => publicKeyFromSpki(spki), { name: 'PkiError', code, message }))
  }

  test('exponents may have any odd value of 31 bits', () => {
    for (const exponent of [Buffer.of(3), Buffer.of(0x81), Buffer.of(0x7f, 0xff, 0xff, 0xff)]) {
      assert.equal(publicKeyFromSpki(rsa(odd, exponent)).description, 'RSA 2048')
    }
  })

  test('kinds that are not known are described, not refused', () => {
    const describe = (...algorithm: readonly Uint8Array[]) =>
      publicKeyFromSpki(sequence(sequence(...algorithm), point(4, 20))).description
    assert.equal(describe(objectIdentifier('1.2.3')), '(algorithm 1.2.3)')
    assert.equal(describe(objectIdentifier('1.2.840.10040.4.1'), sequence(smallInteger(3))), 'DSA')
    assert.equal(describe(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier('1.2.3')), 'ECDSA (curve 1.2.3)')
    assert.equal(describe(objectIdentifier('1.2.840.10045.2.1'), sequence()), 'ECDSA (curve given by its parameters)')
  })

  test('a point that is not on the curve is refused where it is used', () => {
    const key = publicKeyFromSpki(sequence(P256, point(4, 65)))
    const message = 'the ECDSA P-256 public key cannot be used; make a new key pair'
    assert.throws(() => key.keyObject, { name: 'PkiError', code: 'public-key-unusable', message })
  })

  test('keys are the same when their bytes are', () => {
    const [a, b] = [publicKeyOf(keys('Ed25519', 'a')), publicKeyOf(keys('Ed25519', 'b'))]
    assert.equal(samePublicKey(a, publicKeyFromSpki(Buffer.from(a.spki))), true)
    assert.equal(samePublicKey(a, b), false)
  })

  test('the key identifier is the SHA-1 of the key without its frame', () => {
    const key = publicKeyOf(keys('Ed25519', 'a'))
    assert.deepEqual(subjectKeyIdentifier(key), createHash('sha1').update(key.spki.subarray(-32)).digest())
  })
})
