import { createWriteStream, type WriteStream } from 'node:fs'
import type { Readable } from 'node:stream'

/** How long a line is waited for unless said otherwise. */
const DEFAULT_TIMEOUT_MS = 30_000
const KEPT_LINES = 20_000
const TAIL_LINES = 25

export interface WaitForLine {
  /** Position to search from, as `position()` gave it; default 0, the start of the log. */
  readonly from?: number
  readonly timeoutMs?: number
}

/** The output of one program: written to a file, kept in memory (the last 20,000 lines) and waited on. */
export interface ProcessLog {
  readonly file: string
  /** Number of lines so far; give it to `waitFor` as `from` to see only later lines. */
  readonly position: () => number
  readonly text: () => string
  readonly tail: () => string
  /** Resolves with the first matching line; rejects after the timeout, or when the program ends without it. */
  readonly waitFor: (pattern: RegExp, options?: WaitForLine) => Promise<string>
}

interface Waiter {
  readonly offer: (line: string, index: number) => void
  readonly end: (why: string) => void
}

/** Internal side of a log: where lines come in. */
export interface LogSink {
  readonly log: ProcessLog
  readonly read: (stream: Readable) => void
  readonly end: (why: string) => void
}

export function openLog(name: string, file: string): LogSink {
  const output = createWriteStream(file, { flags: 'a' })
  const lines: string[] = []
  const waiters = new Set<Waiter>()
  let dropped = 0
  let ended: string | undefined
  const add = (line: string): void => {
    lines.push(line)
    if (lines.length > KEPT_LINES) dropped += lines.splice(0, KEPT_LINES / 10).length
    for (const waiter of waiters) waiter.offer(line, dropped + lines.length - 1)
  }
  const tail = (): string => lines.slice(-TAIL_LINES).join('\n')

  const waitFor = (pattern: RegExp, { from = 0, timeoutMs = DEFAULT_TIMEOUT_MS }: WaitForLine = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const found = lines.slice(Math.max(0, from - dropped)).find((line) => pattern.test(line))
      if (found !== undefined) return resolve(found)
      const fail = (why: string): void => {
        settle()
        reject(new Error(`${name} did not log ${String(pattern)}: ${why}. Its last lines:\n${tail()}`))
      }
      if (ended !== undefined) return reject(new Error(`${name} did not log ${String(pattern)}: ${ended}.\n${tail()}`))
      const timer = setTimeout(() => fail(`waited ${timeoutMs} ms`), timeoutMs)
      const offer = (line: string, index: number): void => {
        if (index < from || !pattern.test(line)) return
        settle()
        resolve(line)
      }
      const waiter: Waiter = { offer, end: fail }
      const settle = (): void => {
        clearTimeout(timer)
        waiters.delete(waiter)
      }
      waiters.add(waiter)
    })

  const end = (why: string): void => {
    ended = why
    for (const waiter of [...waiters]) waiter.end(why)
    output.end()
  }
  const log: ProcessLog = {
    file,
    position: () => dropped + lines.length,
    text: () => lines.join('\n'),
    tail,
    waitFor,
  }
  return { log, read: (stream) => readLines(stream, output, add), end }
}

function readLines(stream: Readable, output: WriteStream, add: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    output.write(chunk)
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) add(line)
  })
  stream.on('end', () => {
    if (rest !== '') add(rest)
  })
}
