import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { formatCidr, formatIp, ipInRange, parseCidr, parseIp, rangeInRange } from './ip.ts'

const octets = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
/** Runs of zeros are what "::" is about. */
const sparse = fc
  .array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
  .map((list) => Uint8Array.from(list))

describe('addresses', () => {
  const texts: readonly (readonly [string, string | undefined])[] = [
    ['10.0.0.255', '10.0.0.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.1.2.3', '::ffff:a01:203'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['256.0.0.1', undefined],
    ['010.0.0.1', undefined],
    ['1.2.3', undefined],
    ['1.2.3.4.5', undefined],
    ['', undefined],
    [':', undefined],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1:2:3:4::5:6:7:8', undefined],
    ['::12345', undefined],
    ['::g', undefined],
    ['1.2.3.4::', undefined],
    ['fe80::1%eth0', undefined],
    ['[::1]', undefined],
  ]
  for (const [text, canonical] of texts) {
    test(`"${text}"`, () => {
      const parsed = parseIp(text)
      assert.equal(parsed && formatIp(parsed), canonical)
    })
  }

  test('text and octets go round, and node reads the text', () => {
    fc.assert(
      fc.property(fc.oneof(octets, sparse), (bytes) => {
        const text = formatIp(bytes) ?? ''
        assert.equal(isIP(text), bytes.length === 4 ? 4 : 6)
        assert.deepEqual(parseIp(text), bytes)
        // The URL parser writes RFC 5952 as well.
        if (bytes.length === 16) assert.equal(new URL(`http://[${text}]`).hostname, `[${text}]`)
      }),
    )
  })

  test('nothing that node refuses is read', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f:.]{1,24}$/), (text) =>
        assert.equal(parseIp(text) !== undefined, isIP(text) !== 0),
      ),
    )
  })

  test('other lengths have no text', () => assert.equal(formatIp(new Uint8Array(5)), undefined))
})

describe('ranges', () => {
  const texts: readonly (readonly [string, string | undefined])[] = [
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['fd00:1::/31', 'fd00::/31'],
    ['::/0', '::/0'],
    ['10.0.0.0/33', undefined],
    ['10.0.0.0/08', undefined],
    ['10.0.0.0', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0/8/8', undefined],
    ['10.0.0.0/-1', undefined],
    ['::/129', undefined],
  ]
  for (const [text, canonical] of texts) {
    test(`"${text}"`, () => {
      const parsed = parseCidr(text)
      assert.equal(parsed && formatCidr(parsed), canonical)
    })
  }

  test('a mask with holes is no range', () => {
    assert.equal(formatCidr(Uint8Array.of(10, 0, 0, 0, 255, 0, 255, 0)), undefined)
    assert.equal(formatCidr(Uint8Array.of(10, 0, 0, 0, 255, 254, 1, 0)), undefined)
  })

  const range = fc.tuple(octets, fc.nat({ max: 32 })).map(([address, length]) => `${formatIp(address)}/${length}`)

  test('an address in an inner range is in the outer one', () => {
    fc.assert(
      fc.property(octets, range, range, (address, a, b) => {
        const [inner, outer] = [parseCidr(a), parseCidr(b)]
        assert.ok(inner && outer)
        if (rangeInRange(inner, outer) && ipInRange(address, inner)) assert.ok(ipInRange(address, outer))
      }),
    )
  })

  const containment: readonly (readonly [string, string, boolean])[] = [
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.1.0.0/16', false],
    ['11.0.0.0/16', '10.0.0.0/8', false],
    ['::/0', '0.0.0.0/0', false],
    ['fd00::/16', '::/0', true],
  ]
  for (const [inner, outer, expected] of containment) {
    test(`${inner} in ${outer}: ${expected}`, () => {
      const [a, b] = [parseCidr(inner), parseCidr(outer)]
      assert.ok(a && b)
      assert.equal(rangeInRange(a, b), expected)
    })
  }
})
