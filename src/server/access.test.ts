import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Access, type Admission, type Verdict } from './access.ts'

const TOKEN = 'eyJhbGciOi.J9~-_+/x=='

function accessWith(answer: (token: string) => Promise<Verdict>) {
  const asked: string[] = []
  const failures: unknown[] = []
  const clock = { now: 0 }
  const access = new Access({
    review: (token) => {
      asked.push(token)
      return answer(token)
    },
    failed: (error) => failures.push(error),
    now: () => clock.now,
  })
  return { access, asked, failures, clock }
}

const HEADERS: readonly (readonly [header: string | undefined, admission: Admission, asked: number])[] = [
  [`Bearer ${TOKEN}`, 'allowed', 1],
  [`bearer  ${TOKEN}`, 'allowed', 1],
  [undefined, 'unknown', 0],
  ['', 'unknown', 0],
  [TOKEN, 'unknown', 0],
  ['Bearer ', 'unknown', 0],
  [`Basic ${TOKEN}`, 'unknown', 0],
  [`Bearer ${TOKEN} ${TOKEN}`, 'unknown', 0],
  ['Bearer a b', 'unknown', 0],
  [`Bearer ${TOKEN}, Bearer ${TOKEN}`, 'unknown', 0],
  ['Bearer {"a":1}', 'unknown', 0],
]

for (const [header, admission, count] of HEADERS) {
  test(`the header ${header}: ${admission}`, async () => {
    const { access, asked } = accessWith(async () => 'allowed')
    assert.equal(await access.admit(header), admission)
    assert.deepEqual(asked, count === 0 ? [] : [TOKEN])
  })
}

for (const verdict of ['allowed', 'forbidden', 'unknown'] as const) {
  test(`the verdict ${verdict} counts for ten seconds, for its token alone`, async () => {
    const { access, asked, clock } = accessWith(async (token) => (token === 'a' ? verdict : 'allowed'))
    assert.equal(await access.admit('Bearer a'), verdict)
    clock.now = 9_999
    assert.equal(await access.admit('Bearer a'), verdict)
    assert.equal(await access.admit('Bearer b'), 'allowed')
    assert.deepEqual(asked, ['a', 'b'])
    clock.now = 10_000
    assert.equal(await access.admit('Bearer a'), verdict)
    assert.deepEqual(asked, ['a', 'b', 'a'])
  })
}

test('while the cluster cannot be asked nobody is let in, and it is asked again at once', async () => {
  const away = new Error('away')
  let reachable = false
  const { access, failures } = accessWith(async () => {
    if (!reachable) throw away
    return 'allowed'
  })
  assert.equal(await access.admit('Bearer a'), 'unavailable')
  assert.deepEqual(failures, [away])
  reachable = true
  assert.equal(await access.admit('Bearer a'), 'allowed')
})

test('those who come with one token at once share a review, and more than eight reviews wait for nobody', async () => {
  const gate = Promise.withResolvers<Verdict>()
  const { access, asked } = accessWith(() => gate.promise)
  const same = [access.admit('Bearer t0'), access.admit('Bearer t0')]
  const others = Array.from({ length: 7 }, (_, index) => access.admit(`Bearer t${index + 1}`))
  assert.equal(await access.admit('Bearer ninth'), 'unavailable')
  assert.equal(asked.length, 8)
  gate.resolve('forbidden')
  assert.deepEqual(await Promise.all([...same, ...others]), Array(9).fill('forbidden'))
  assert.equal(await access.admit('Bearer ninth'), 'forbidden')
})

test('a thousand tokens are remembered, and the oldest makes room', async () => {
  const { access, asked } = accessWith(async () => 'forbidden')
  for (let index = 0; index <= 1000; index += 1) await access.admit(`Bearer t${index}`)
  await access.admit('Bearer t1')
  assert.equal(asked.length, 1001)
  await access.admit('Bearer t0')
  assert.equal(asked.length, 1002)
})
