import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DerReader, TAG } from './der-reader.ts'
import { element } from './der-writer.ts'
import { PkiError } from './error.ts'

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** Reads one SEQUENCE that fills the input, whatever is in it. */
function readWhole(der: Uint8Array): void {
  const reader = new DerReader(der, 'it')
  reader.enter(TAG.sequence, 'the whole').skipWellFormed()
  reader.finish()
}

describe('strict DER', () => {
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['a short length', '30 02 05 00', undefined],
    ['a long length where it is needed', `30 81 83 04 81 80 ${'00'.repeat(128)}`, undefined],
    ['nothing', '', 'the whole is missing'],
    ['a tag alone', '30', 'it ends too early'],
    ['another tag', '31 00', 'the whole has an unexpected type'],
    ['a length beyond the end', '30 03 05 00', 'it ends too early'],
    ['bytes behind the end', '30 02 05 00 00', 'there are bytes behind its end'],
    ['an indefinite length', '30 80 05 00 00 00', 'it has an indefinite length'],
    ['a long length of less than 128', '30 81 02 05 00', 'it has a length that is not in its shortest form'],
    [
      'a long length with a leading zero',
      `30 82 00 80 ${'05 00'.repeat(64)}`,
      'it has a length that is not in its shortest form',
    ],
    ['a length cut off', '30 82 01', 'it ends too early'],
    ['a length of four octets', '30 84 00 00 00 02 05 00', 'it has a length of more than 16 MiB'],
    ['a length that overflows', '30 ff ff ff ff ff ff ff ff', 'it has a length of more than 16 MiB'],
    ['a high tag number', '30 03 1f 81 00', 'it has a tag number above 30'],
    ['an inner element that ends too early', '30 03 30 02 05', 'it ends too early'],
    ['an inner element cut off', '30 02 30 01', 'it ends too early'],
    ['a tag alone, with a neighbour of its parent behind it', '30 05 30 01 05 05 00', 'it ends too early'],
    ['a length that reaches into its neighbour', '30 06 30 02 04 01 05 00', 'it ends too early'],
    ['a length whose octets are those of its neighbour', '30 06 30 02 04 82 05 00', 'it ends too early'],
  ]
  for (const [what, bytes, reason] of rows) {
    test(what, () => {
      const read = () => readWhole(hex(bytes))
      if (reason === undefined) assert.doesNotThrow(read)
      else
        assert.throws(read, { name: 'PkiError', code: 'der-invalid', message: `it is not well-formed DER: ${reason}` })
    })
  }

  test('a nested reader ends with its element', () => {
    const outer = new DerReader(hex('30 05 30 00 02 01 05'), 'it').enter(TAG.sequence, 'the whole')
    const inner = outer.enter(TAG.sequence, 'a part')
    assert.deepEqual([inner.done, inner.nextTag, inner.nextIs(TAG.integer)], [true, undefined, false])
    assert.throws(() => inner.value(TAG.integer, 'a number'), {
      message: 'it is not well-formed DER: a number is missing',
    })
    assert.deepEqual(outer.value(TAG.integer, 'a number'), Buffer.of(5))
  })

  test('nesting is bounded', () => {
    const nested = (depth: number): Uint8Array =>
      depth === 0 ? element(TAG.sequence) : element(TAG.sequence, nested(depth - 1))
    assert.doesNotThrow(() => readWhole(nested(20)))
    assert.throws(() => readWhole(nested(30)), {
      code: 'der-invalid',
      message: 'it is not well-formed DER: it is nested too deeply',
    })
  })

  test('1 MiB of open sequences is refused before it is walked through', () => {
    assert.throws(() => readWhole(Buffer.alloc(1024 * 1024, 0x30)), PkiError)
  })
})

describe('properties', () => {
  test('values are views of the input', () => {
    const der = Buffer.from('3003020105', 'hex')
    assert.equal(
      new DerReader(der, 'it').enter(TAG.sequence, 'the whole').value(TAG.integer, 'a number').buffer,
      der.buffer,
    )
  })

  test('what the writer makes is read back, at every length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), (length) => {
        const content = Buffer.alloc(length, 0x2a)
        const reader = new DerReader(element(TAG.octetString, content), 'it')
        assert.ok(content.equals(reader.value(TAG.octetString, 'the content')))
        reader.finish()
      }),
      { examples: [[0], [127], [128], [255], [256], [65_535], [65_536]] },
    )
  })

  test('arbitrary bytes are read or refused with a PkiError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new DerReader(bytes, 'it').skipWellFormed()
        } catch (error) {
          assert.ok(error instanceof PkiError)
        }
      }),
    )
  })
})
