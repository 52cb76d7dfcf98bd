import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sha256 } from './sha256.ts'

const DATA = 'what do ya want for nothing?'
/** FIPS 180-2 appendix B.1, and RFC 4231 test case 2. */
const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const KEYED = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'

async function hex(hash: Sha256): Promise<string> {
  return Buffer.from(await hash.digest()).toString('hex')
}

test('without a secret it is SHA-256, begun anew by reset', async () => {
  const hash = new Sha256()
  hash.update('something else')
  hash.reset()
  hash.update('a')
  hash.update(Buffer.from('bc'))
  assert.equal(await hex(hash), OF_ABC)
})

for (const [name, octets] of Object.entries<(text: string) => string | ArrayBuffer | ArrayBufferView>({
  text: (text) => text,
  'a view inside of a larger buffer': (text) => Buffer.from(`-${text}-`).subarray(1, -1),
  'a buffer': (text) => Uint8Array.from(Buffer.from(text)).buffer,
})) {
  test(`with a secret it is HMAC, whose key and data may be ${name}`, async () => {
    const hash = new Sha256(octets('Jefe'))
    hash.update('something else')
    hash.reset()
    hash.update(octets(DATA))
    assert.equal(await hex(hash), KEYED)
  })
}
