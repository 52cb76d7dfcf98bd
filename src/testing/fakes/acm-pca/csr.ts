import { constructedTag, DerReader, TAG } from '../../../pki/der-reader.ts'
import { readBitString, readNumber, readOid } from '../../../pki/der-values.ts'
import { PkiError } from '../../../pki/error.ts'
import { type Extension, parseExtensions } from '../../../pki/extensions.ts'
import { type Name, parseName } from '../../../pki/name.ts'
import { decodeSinglePem } from '../../../pki/pem.ts'
import { type PublicKey, publicKeyFromSpki } from '../../../pki/public-key.ts'
import { SignedData } from '../../../pki/signature-algorithm.ts'
import { AwsError } from './aws-error.ts'
import { sha256 } from './journal.ts'

/** A request as the service takes it: every extension verbatim. */
export interface Csr {
  /** SHA-256 of its DER, hex. */
  readonly digest: string
  readonly subject: Name
  readonly publicKey: PublicKey
  readonly extensions: ReadonlyMap<string, Extension>
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const SUBJECT_ALT_NAME = '2.5.29.17'
/** KeyAlgorithm of the service model, without SM2, by the description of the key. */
const KEYS: readonly string[] = ['RSA 2048', 'RSA 3072', 'RSA 4096', 'ECDSA P-256', 'ECDSA P-384', 'ECDSA P-521']

/** @param octets PEM @throws AwsError `MalformedCSRException` */
export function readCsr(octets: Buffer): Csr {
  try {
    const csr = parse(decodeSinglePem(octets.toString('latin1'), 'CERTIFICATE REQUEST'))
    if (!KEYS.includes(csr.publicKey.description))
      throw malformed(`${csr.publicKey.description} keys are not supported`)
    if (csr.subject.empty && !csr.extensions.has(SUBJECT_ALT_NAME))
      throw malformed('it has neither a subject nor a subject alternative name')
    return csr
  } catch (error) {
    if (error instanceof PkiError) throw malformed(error.message)
    throw error
  }
}

function parse(der: Uint8Array): Csr {
  const request = new DerReader(der, 'the CSR').enter(TAG.sequence, 'it')
  const signed = request.element('its contents')
  const algorithmIdentifier = request.element('its signature algorithm')
  const signature = readBitString(request, 'its signature')
  const info = new DerReader(signed, 'the CSR').enter(TAG.sequence, 'its contents')
  readNumber(info, 'its version')
  const subject = parseName(info.element('its subject'), 'the CSR')
  const publicKey = publicKeyFromSpki(info.element('its public key'))
  const problem = new SignedData({ signed, algorithmIdentifier, signature }).problem(publicKey)
  if (problem !== undefined) throw malformed(`its signature ${problem}`)
  const attributes = info.done ? undefined : info.enter(constructedTag(0), 'its attributes')
  return {
    digest: sha256(der),
    subject,
    publicKey,
    extensions: attributes === undefined ? new Map() : requested(attributes),
  }
}

function requested(attributes: DerReader): ReadonlyMap<string, Extension> {
  let found: ReadonlyMap<string, Extension> = new Map()
  while (!attributes.done) {
    const attribute = attributes.enter(TAG.sequence, 'an attribute')
    const isRequest = readOid(attribute, 'its type') === EXTENSION_REQUEST
    const values = attribute.enter(TAG.set, 'its values')
    if (!isRequest) continue
    const list = values.enter(TAG.sequence, 'the extensions')
    if (!list.done) found = parseExtensions(list, 'the CSR')
  }
  return found
}

function malformed(reason: string): AwsError {
  return new AwsError('MalformedCSRException', `The certificate signing request is invalid: ${reason}`)
}
