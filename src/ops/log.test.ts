import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LogFields, type Logger, makeLogger, wordsOf } from './log.ts'

function logged(level: 'debug' | 'warn', act: (log: Logger) => void): readonly Readonly<Record<string, unknown>>[] {
  const lines: string[] = []
  act(makeLogger(level, { write: (line) => lines.push(line) }))
  return lines.map((line) => {
    const { time, ...rest } = JSON.parse(line)
    assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    return rest
  })
}

test('each line is JSON with level, message and named fields', () => {
  const lines = logged('debug', (log) => {
    log.debug('a')
    log.info('b', { key: 'ns/name', count: 2, ok: true, absent: undefined })
    log.warn('c')
    log.error('d')
  })
  assert.deepEqual(lines, [
    { level: 'debug', msg: 'a' },
    { level: 'info', key: 'ns/name', count: 2, ok: true, msg: 'b' },
    { level: 'warn', msg: 'c' },
    { level: 'error', msg: 'd' },
  ])
})

test('what lies below the level is not written', () => {
  const lines = logged('warn', (log) => {
    log.debug('a')
    log.info('b')
    log.warn('c')
  })
  assert.deepEqual(lines, [{ level: 'warn', msg: 'c' }])
})

test('an error or an object that slipped into the fields is not written, with whatever it holds', () => {
  const error = new Error('outer', { cause: new Error('secret') })
  const fields: LogFields = JSON.parse('{"object":{"password":"secret"},"list":["secret"],"err":"secret","key":"a"}')
  const lines = logged('debug', (log) => log.error('x', Object.assign(fields, { error })))
  assert.deepEqual(lines, [{ level: 'error', key: 'a', msg: 'x' }])
})

test('the words of an error are its message, not its causes', () => {
  assert.equal(wordsOf(new Error('outer', { cause: new Error('secret') })), 'outer')
  assert.equal(wordsOf({ secret: 'value' }), 'an unknown failure')
})
