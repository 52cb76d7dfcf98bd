import { pino } from 'pino'

/** Named values beside a message. Only what is named here by its caller is printed, never a whole object from outside. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** JSON lines on standard output: `level` as a word, `time` in RFC 3339, `msg`, and the named fields. */
export function makeLogger(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  const log = pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  })
  return {
    debug: (message, fields = {}) => log.debug(fields, message),
    info: (message, fields = {}) => log.info(fields, message),
    warn: (message, fields = {}) => log.warn(fields, message),
    error: (message, fields = {}) => log.error(fields, message),
  }
}

/** The words of an error, and nothing of its contents: causes and bodies may hold what nobody should read. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'an unknown failure'
}
