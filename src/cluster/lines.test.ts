import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitLines } from './lines.ts'

async function* chunksOf(text: string, cuts: readonly number[]): AsyncGenerator<string> {
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(Math.max(cut, from), text.length)
    yield text.slice(from, to)
    from = to
  }
  yield text.slice(from)
}

async function linesOf(chunks: AsyncIterable<unknown>): Promise<readonly string[]> {
  const lines = []
  for await (const line of splitLines(chunks)) lines.push(line)
  return lines
}

test('lines are the same wherever the chunks were cut', async () => {
  const line = fc.string({ minLength: 1 }).filter((text) => !text.includes('\n'))
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
  async function* endless(): AsyncGenerator<string> {
    for (;;) yield 'x'.repeat(1024 * 1024)
  }
  await assert.rejects(linesOf(endless()), { name: 'ApiError', reason: 'Unreadable' })
})
