import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitLines } from './lines.ts'

/** Cut between any two octets, also of one character. */
async function* chunksOf(text: string, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const octets = Buffer.from(text)
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(Math.max(cut, from), octets.length)
    yield octets.subarray(from, to)
    from = to
  }
  yield octets.subarray(from)
}

async function linesOf(chunks: AsyncIterable<Buffer>): Promise<readonly string[]> {
  const lines = []
  for await (const line of splitLines(chunks)) lines.push(line)
  return lines
}

test('lines are the same wherever the chunks were cut', async () => {
  const line = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('\n'))
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(200)), async (lines, cuts) => {
      const text = lines.map((one) => `${one}\n`).join('')
      assert.deepEqual(await linesOf(chunksOf(text, cuts)), lines)
    }),
  )
})

test('empty lines and half a line at the end are left out', async () => {
  assert.deepEqual(await linesOf(chunksOf('a\n\nb\nhalf', [])), ['a', 'b'])
})

test('a line without end is given up', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.alloc(1024 * 1024, 'x')
  }
  await assert.rejects(linesOf(endless()), { name: 'ApiError', reason: 'Unreadable' })
})
