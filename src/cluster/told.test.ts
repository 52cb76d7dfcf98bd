import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Told } from './told.ts'

const ROWS: readonly { readonly name: string; readonly texts: string; readonly news: string }[] = [
  { name: 'the same again', texts: 'a:W:x a:W:x', news: 'yes no' },
  { name: 'another text', texts: 'a:W:x a:W:y', news: 'yes yes' },
  { name: 'two texts in turn', texts: 'a:W:x a:W:y a:W:x a:W:y', news: 'yes yes no no' },
  { name: 'a failure, a recovery, the same failure', texts: 'a:W:x a:N:y a:W:x', news: 'yes yes yes' },
  { name: 'the same of another object', texts: 'a:W:x b:W:x', news: 'yes yes' },
  { name: 'an object forgotten over two others', texts: 'a:W:x b:W:x c:W:x a:W:x', news: 'yes yes yes yes' },
  {
    name: 'an object remembered since it was told of lately',
    texts: 'a:W:x b:W:x a:W:x c:W:x a:W:x',
    news: 'yes yes no yes no',
  },
]

for (const { name, texts, news } of ROWS) {
  test(`what is news: ${name}`, () => {
    const told = new Told(2)
    const answers = texts.split(' ').map((row) => {
      const [uid = '', type = '', text = ''] = row.split(':')
      return told.isNews(uid, type, text) ? 'yes' : 'no'
    })
    assert.equal(answers.join(' '), news)
  })
}

test('what is news: of a text that is another each time, such as one with a time in it, the last 32 are remembered', () => {
  const told = new Told(2)
  for (let second = 0; second < 40; second += 1) assert.ok(told.isNews('a', 'W', `expired at ${second}`))
  const news = [8, 39, 7].map((second) => told.isNews('a', 'W', `expired at ${second}`))
  assert.deepEqual(news, [false, false, true])
})
