import { type DestinationStream, pino } from 'pino'

/** Named values beside a message. Only what is named here by its caller is printed, never a whole object from outside. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** Writes what is still gathered, before the process ends. */
  flush(): void
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Lines are gathered for this long or up to this size: a write for each costs more than the signature it tells of. */
const GATHER = { periodicFlush: 100, minLength: 4096 }

/**
 * JSON lines: `level` as a word, `time` in RFC 3339, `msg`, and the named fields.
 * @param destination default: standard output
 */
export function makeLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const gathered = destination === undefined ? pino.destination({ dest: 1, sync: false, ...GATHER }) : undefined
  const log = pino(options, destination ?? gathered)
  const write =
    (at: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      log[at](scalars(fields), message)
  const flush = (): void => gathered?.flushSync()
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), flush }
}

/** What is not a plain value is left out at run time too, and so is `err`, which pino would print with its causes. */
function scalars(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => name !== 'err' && ['string', 'number', 'boolean'].includes(typeof value),
    ),
  )
}

/** The words of an error, and nothing of its contents: causes and bodies may hold what nobody should read. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'an unknown failure'
}
