import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeText, html } from './html.ts'

const ROWS: readonly (readonly [name: string, made: string, expected: string])[] = [
  ['text', html`<b>${'a < b & "c" > \'d\''}</b>`.text, '<b>a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;</b>'],
  ['a number', html`${1.5}`.text, '1.5'],
  ['nothing', html`a${undefined}b`.text, 'ab'],
  ['markup of its own', html`<p>${html`<b>${'<'}</b>`}</p>`.text, '<p><b>&lt;</b></p>'],
  ['a list', html`<p>${[html`<b></b>`, '<', 2, undefined, ['>']]}</p>`.text, '<p><b></b>&lt;2&gt;</p>'],
  ['what nobody sees', escapeText('a\u202eb\0\u{200b}\ud800\u0085'), 'a\\u{202e}b\\u{0}\\u{200b}\\u{d800}\\u{85}'],
  ['what people write', escapeText('Ünïcødé 日本 😀 שלום'), 'Ünïcødé 日本 😀 שלום'],
]

for (const [name, made, expected] of ROWS) test(`renders ${name}`, () => assert.equal(made, expected))

test('whatever the text, it stays text, in quotes too, and can be read back where nothing is hidden', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const escaped = escapeText(text)
      assert.doesNotMatch(escaped, /[<>"'\p{Cc}\u202a-\u202e]|&(?!(?:amp|lt|gt|quot|#39);)/u)
      assert.ok(escaped.isWellFormed())
      if (/^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text)) assert.equal(unescaped(escaped), text)
    }),
  )
})

function unescaped(text: string): string {
  const plain: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replace(/&([a-z]+|#39);/g, (_, name: string) => plain[name] ?? '')
}
