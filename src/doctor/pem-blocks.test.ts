import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPemBlocks } from './pem-blocks.ts'

const LABEL = fc.constantFrom('CERTIFICATE', 'EC PRIVATE KEY', 'X509 CRL')
const BLOCK = fc.record({ label: LABEL, der: fc.uint8Array({ minLength: 1, maxLength: 200 }) })
const BETWEEN = fc.constantFrom('', '\n', 'subject=CN = Root\n', '# a comment\n\n')

function encoded({ label, der }: { readonly label: string; readonly der: Uint8Array }, newline: string): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join(newline)
}

test('finds every block, whatever stands between them and however lines end', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(BLOCK, BETWEEN)), fc.constantFrom('\n', '\r\n'), (parts, newline) => {
      const { blocks, broken } = readPemBlocks(
        parts.map(([block, between]) => between + encoded(block, newline)).join(''),
      )
      const found = blocks.map(({ label, der }) => ({ label, der: Buffer.from(der).toString('hex') }))
      assert.deepEqual(
        found,
        parts.map(([{ label, der }]) => ({ label, der: Buffer.from(der).toString('hex') })),
      )
      assert.equal(broken, 0)
    }),
  )
})

test('the text of a block is a block of its own', () => {
  fc.assert(
    fc.property(BLOCK, (block) => {
      const [found] = readPemBlocks(`words\n${encoded(block, '\n')}words`).blocks
      assert.equal(found?.text, encoded(block, '\n'))
    }),
  )
})

const GOOD = '-----BEGIN A-----\nAQID\n-----END A-----\n'
const ROWS: readonly {
  readonly name: string
  readonly text: string
  readonly blocks: number
  readonly broken: number
}[] = [
  { name: 'nothing', text: '', blocks: 0, broken: 0 },
  { name: 'words', text: 'words\n', blocks: 0, broken: 0 },
  { name: 'two in one line', text: `${GOOD.trimEnd()}${GOOD}`, blocks: 0, broken: 2 },
  { name: 'one that does not end', text: `${GOOD}-----BEGIN A-----\nAQID\n`, blocks: 1, broken: 1 },
  { name: 'one that ends as another', text: GOOD.replace('END A', 'END B'), blocks: 0, broken: 1 },
  { name: 'one that begins within a line', text: ` ${GOOD}`, blocks: 0, broken: 1 },
  { name: 'one that is not base64', text: GOOD.replace('AQID', 'A=QI'), blocks: 0, broken: 1 },
  { name: 'one that is empty', text: GOOD.replace('AQID\n', ''), blocks: 0, broken: 1 },
  { name: 'one with headers', text: GOOD.replace('AQID', 'DEK-Info: AES\n\nAQID'), blocks: 1, broken: 0 },
  { name: 'spaces behind its lines', text: GOOD.replaceAll('A-----\n', 'A----- \n'), blocks: 1, broken: 0 },
]

for (const { name, text, blocks, broken } of ROWS) {
  test(`PEM: ${name}`, () => {
    const read = readPemBlocks(text)
    assert.deepEqual([read.blocks.length, read.broken], [blocks, broken])
  })
}

test('headers are told, since they mean a key under a passphrase', () => {
  const [block] = readPemBlocks(GOOD.replace('AQID', 'DEK-Info: AES\n\nAQID')).blocks
  assert.equal(block?.headers, true)
})
