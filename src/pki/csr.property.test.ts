import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { testCsr } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, ip, uri } from '../testing/names.ts'
import { parseCertificationRequest } from './csr.ts'
import { PkiError } from './error.ts'
import { encodePem } from './pem.ts'

const keys = testKeys()
const rich = {
  names: [dns('a.example.com'), uri('spiffe://cluster.local/ns/a/sa/b'), ip('10.0.0.1')],
  keyUsage: ['digitalSignature'],
  extKeyUsage: ['1.3.6.1.5.5.7.3.1'],
  isCA: true,
  pathLength: 0,
  nameConstraints: constraints({ dnsDomains: ['example.com'] }),
} as const

function outcome(der: Uint8Array): 'read' | 'refused' {
  try {
    parseCertificationRequest(encodePem('CERTIFICATE REQUEST', der))
    return 'read'
  } catch (error) {
    assert.ok(error instanceof PkiError, `not a PkiError: ${error}`)
    assert.ok(error.message.length < 400 && !error.message.includes('\n'), error.message)
    return 'refused'
  }
}

/** The bits whose change was not noticed, of those from the octet `from` to the octet `to`. */
function unnoticed(der: Uint8Array, from: number, to: number): readonly number[] {
  const bits = Array.from({ length: (to - from) * 8 }, (_, index) => from * 8 + index)
  return bits.filter((bit) => {
    const flipped = Buffer.from(der)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    return outcome(flipped) === 'read'
  })
}

describe('no change of one bit goes unnoticed', () => {
  test('in a request for an ECDSA key', () => {
    const { der } = testCsr({ names: [dns('a')] }).csr
    assert.deepEqual(unnoticed(der, 0, der.length), [])
  })

  test('in the frame of a request for an RSA key', () => {
    const { der } = testCsr({ key: keys('RSA', 'flip') }).csr
    const signature = der.length - 256
    assert.deepEqual([...unnoticed(der, 0, 12), ...unnoticed(der, signature - 20, signature)], [])
  })
})

test('contents that are changed before they are signed are read or refused in one sentence', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom(0, 1), (position, octet, inserted) => {
      const alter = (info: Uint8Array) => {
        const at = position % info.length
        return Buffer.concat([info.subarray(0, at), Buffer.of(octet), info.subarray(at + 1 - inserted)])
      }
      // The signature is right, so whatever is refused is refused for its form.
      outcome(Buffer.from(testCsr({ ...rich, alter }).csrPem.split('-----')[2] ?? '', 'base64'))
    }),
    { numRuns: 300 },
  )
})

test('arbitrary bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => assert.equal(outcome(bytes), 'refused')),
  )
})

describe('hostile inputs of 1 MiB are refused quickly', () => {
  const size = 700_000
  const length = (bytes: number) => Buffer.of(0x83, bytes >> 16, (bytes >> 8) & 0xff, bytes & 0xff)
  const inputs: readonly (readonly [string, () => string])[] = [
    ['text', () => 'A'.repeat(2 ** 20)],
    ['spaces', () => ' '.repeat(2 ** 20)],
    ['dashes', () => '-'.repeat(2 ** 20)],
    ['BEGIN lines', () => '-----BEGIN CERTIFICATE REQUEST-----\n'.repeat(29_000)],
    [
      'short blocks',
      () => '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n'.repeat(13_000),
    ],
    [
      'a body of newlines',
      () => `-----BEGIN CERTIFICATE REQUEST-----${'\n'.repeat(10 ** 6)}-----END CERTIFICATE REQUEST-----\n`,
    ],
    ['open sequences', () => encodePem('CERTIFICATE REQUEST', Buffer.alloc(size, 0x30))],
    ['zeros', () => encodePem('CERTIFICATE REQUEST', Buffer.alloc(size))],
    [
      'a subject of many parts',
      () => encodePem('CERTIFICATE REQUEST', wrap(Buffer.from('310b300906035504030c024141'.repeat(50_000), 'hex'))),
    ],
    [
      'an enormous integer',
      () =>
        encodePem(
          'CERTIFICATE REQUEST',
          Buffer.concat([Buffer.of(0x30), length(size), Buffer.of(0x02), length(size - 5), Buffer.alloc(size - 5, 1)]),
        ),
    ],
  ]
  function wrap(rdns: Buffer): Uint8Array {
    const name = Buffer.concat([Buffer.of(0x30), length(rdns.length), rdns])
    const info = Buffer.concat([Buffer.of(0x02, 0x01, 0x00), name])
    const body = Buffer.concat([
      Buffer.of(0x30),
      length(info.length),
      info,
      Buffer.from('300a06082a8648ce3d04030203020041', 'hex'),
    ])
    return Buffer.concat([Buffer.of(0x30), length(body.length), body])
  }
  for (const [what, make] of inputs) {
    test(what, () => {
      const pem = make()
      const started = process.cpuUsage()
      assert.throws(() => parseCertificationRequest(pem), PkiError)
      const { user } = process.cpuUsage(started)
      assert.ok(user < 1_000_000, `${user / 1000} ms`)
    })
  }

  test('40,000 names in a signed request are read in linear time', () => {
    const names = Array.from({ length: 40_000 }, (_, index) => dns(`${index}.example.com`))
    const { csrPem } = testCsr({ names })
    const started = process.cpuUsage()
    assert.equal(parseCertificationRequest(csrPem).subjectAltName?.names.length, 40_000)
    assert.ok(process.cpuUsage(started).user < 1_000_000)
  })
})
