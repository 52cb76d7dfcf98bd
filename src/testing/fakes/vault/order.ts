import { type CertificationRequest, parseCertificationRequest } from '../../../pki/csr.ts'
import { constructedTag, DerReader, TAG } from '../../../pki/der-reader.ts'
import { readOid } from '../../../pki/der-values.ts'
import { PkiError } from '../../../pki/error.ts'
import { type Extension, OID, parseExtensions } from '../../../pki/extensions.ts'
import { Refusal } from './answer.ts'

/** A call's body, whose numbers and durations may come in several forms. */
export type Body = Readonly<Record<string, unknown>>

/** A CSR with the extensions that it asks for, as they are encoded. */
export interface Ordered {
  readonly csr: CertificationRequest
  readonly extensions: readonly Extension[]
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'

export function readCsr(body: Body): Ordered {
  const pem = body.csr
  if (typeof pem !== 'string' || pem === '') throw new Refusal(400, '"csr" is empty')
  try {
    const csr = parseCertificationRequest(pem)
    return { csr, extensions: requested(csr.der) }
  } catch (error) {
    if (error instanceof PkiError) throw new Refusal(400, 'csr contains no data')
    throw error
  }
}

/** Extensions of the CSR but basicConstraints, which are never copied. */
function requested(der: Uint8Array): readonly Extension[] {
  const info = new DerReader(der, 'the CSR').enter(TAG.sequence, 'it').enter(TAG.sequence, 'its contents')
  for (const part of ['version', 'subject', 'key']) info.element(part)
  const attributes = info.enter(constructedTag(0), 'its attributes')
  while (!attributes.done) {
    const attribute = attributes.enter(TAG.sequence, 'an attribute')
    const isRequest = readOid(attribute, 'its type') === EXTENSION_REQUEST
    const values = attribute.enter(TAG.set, 'its values')
    if (!isRequest) continue
    const list = values.enter(TAG.sequence, 'the extensions')
    return list.done
      ? []
      : [...parseExtensions(list, 'the CSR').values()].filter(({ oid }) => oid !== OID.basicConstraints)
  }
  return []
}

/** Seconds from `90`, `'90'`, `'90s'` or `'2h'`; the default where it is absent or zero, as Vault has it. */
export function secondsOf(value: unknown, fallback: number): number {
  if (value === undefined) return fallback
  const [, digits = '', unit = 's'] = /^(\d+)([smh]?)$/.exec(String(value)) ?? []
  if (digits === '') throw new Refusal(400, 'Field validation failed: error converting input')
  const seconds = Number(digits) * ({ m: 60, h: 3600 }[unit] ?? 1)
  return seconds === 0 ? fallback : seconds
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
