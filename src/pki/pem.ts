import { asBuffer } from './bytes.ts'
import { PkiError } from './error.ts'

export type PemLabel =
  | 'CERTIFICATE'
  | 'CERTIFICATE REQUEST'
  | 'PUBLIC KEY'
  | 'PRIVATE KEY'
  | 'EC PRIVATE KEY'
  | 'RSA PRIVATE KEY'

/** More than any bundle that Kubernetes can store in one object (1 MiB). */
const MOST_CHARACTERS = 1024 * 1024
const COLUMNS = 64
const BEGIN = '-----BEGIN '
const DASHES = '-----'
const BODY_WITH_HEADER = /^[A-Za-z0-9-]+:/m

/**
 * Reads PEM strictly (RFC 7468): blocks of this one label, without headers, with nothing but whitespace around them, so
 * that a private key pasted beside a certificate is refused and not passed on. LF and CRLF; lines of any length.
 * @returns the DER of each block, at least one
 * @throws PkiError `pem-invalid`, `pem-label`, `pem-too-large`
 */
export function decodePem(text: string, label: PemLabel): readonly Uint8Array[] {
  if (text.length > MOST_CHARACTERS) throw new PkiError('pem-too-large', 'the PEM text is larger than 1 MiB')
  const blocks: Uint8Array[] = []
  let offset = afterWhitespace(text, 0)
  while (offset < text.length) {
    const block = readBlock(text, offset, label)
    blocks.push(block.der)
    offset = afterWhitespace(text, block.end)
  }
  if (blocks.length === 0) throw invalid(`it is empty; give a ${label} block`)
  return blocks
}

/** As decodePem, for text that must hold exactly one block. */
export function decodeSinglePem(text: string, label: PemLabel): Uint8Array {
  const [der, second] = decodePem(text, label)
  if (der === undefined || second !== undefined)
    throw invalid(`it holds more than one ${label} block; give exactly one`)
  return der
}

/** RFC 7468: lines of 64 columns, LF, exactly one newline at the end. */
export function encodePem(label: PemLabel, der: Uint8Array): string {
  const base64 = asBuffer(der).toString('base64')
  let body = ''
  for (let at = 0; at < base64.length; at += COLUMNS) body += `${base64.slice(at, at + COLUMNS)}\n`
  return `${BEGIN}${label}${DASHES}\n${body}-----END ${label}${DASHES}\n`
}

interface Block {
  readonly der: Uint8Array
  readonly end: number
}

function readBlock(text: string, offset: number, label: PemLabel): Block {
  if (!text.startsWith(BEGIN, offset)) throw invalid('it has text outside its blocks; remove it')
  const begin = `${BEGIN}${label}${DASHES}`
  if (!text.startsWith(begin, offset)) {
    throw new PkiError('pem-label', `the PEM text holds a block that is not a ${label}; remove it`)
  }
  const footer = `${DASHES}END ${label}${DASHES}`
  const bodyStart = offset + begin.length
  const bodyEnd = text.indexOf(DASHES, bodyStart)
  if (bodyEnd === -1 || !text.startsWith(footer, bodyEnd))
    throw invalid(`a ${label} block does not end with its own END line`)
  const body = text.slice(bodyStart, bodyEnd)
  if (!/^\r?\n/.test(body) || !body.endsWith('\n'))
    throw invalid(`the BEGIN and END lines of a ${label} block do not stand alone`)
  const end = bodyEnd + footer.length
  if (end < text.length && !/\s/.test(text.charAt(end)))
    throw invalid(`there is text behind the END line of a ${label} block`)
  return { der: decodeBase64(body, label), end }
}

function decodeBase64(body: string, label: PemLabel): Uint8Array {
  // The search for a colon alone spares the walk through every line.
  if (body.includes(':') && BODY_WITH_HEADER.test(body)) throw invalid(`a ${label} block has headers; remove them`)
  const base64 = body.replace(/\r?\n/g, '')
  const der = Buffer.from(base64, 'base64')
  // Node skips what is not base64; only the canonical form comes back as it was.
  if (der.length === 0 || der.toString('base64') !== base64) throw invalid(`a ${label} block is not strict base64`)
  return der
}

function afterWhitespace(text: string, offset: number): number {
  return text.length - text.slice(offset).trimStart().length
}

function invalid(reason: string): PkiError {
  return new PkiError('pem-invalid', `the PEM text cannot be read: ${reason}`)
}
