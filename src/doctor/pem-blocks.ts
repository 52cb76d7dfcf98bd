/** A PEM block as istiod would find it. */
export interface PemBlock {
  /** `CERTIFICATE` */
  readonly label: string
  readonly der: Uint8Array
  /** As it stands there, with one newline at its end. */
  readonly text: string
  /** RFC 1421 headers, as encrypted keys of the old form have them. */
  readonly headers: boolean
}

export interface PemContents {
  readonly blocks: readonly PemBlock[]
  /** Begun and not ended well, or not base64: what istiod skips or stumbles over. */
  readonly broken: number
}

/** BEGIN and END each on a line of its own. */
const BLOCK = /^-----BEGIN ([^-\n]+)-----[ \t]*\r?\n((?:(?!-----)[\s\S])*)^-----END \1-----[ \t]*\r?$/gm
const BEGIN = /-----BEGIN /g
const HEADER = /^[A-Za-z0-9-]+:/m

/**
 * Reads PEM as leniently as istiod does (Go's encoding/pem): text around the blocks is passed over, and so are blocks whose
 * BEGIN and END lines do not stand alone. What we publish ourselves is read strictly, in pki/pem.ts.
 */
export function readPemBlocks(text: string): PemContents {
  const blocks = [...text.matchAll(BLOCK)].flatMap(([text, label = '', body = '']) => blockOf(`${text}\n`, label, body))
  return { blocks, broken: [...text.matchAll(BEGIN)].length - blocks.length }
}

function blockOf(text: string, label: string, body: string): readonly PemBlock[] {
  const headers = HEADER.test(body)
  const base64 = headers ? '' : body.replace(/\s/g, '')
  const der = Buffer.from(base64, 'base64')
  if (!headers && (base64 === '' || der.toString('base64') !== base64)) return []
  return [{ label, der, text, headers }]
}
