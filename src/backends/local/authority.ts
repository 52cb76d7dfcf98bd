import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { type Certificate, parseCertificates } from '../../pki/certificate.ts'
import { orderChain } from '../../pki/chain.ts'
import { PkiError } from '../../pki/error.ts'
import { type SignatureScheme, signatureSchemeFor } from '../../pki/tbs.ts'
import { type Authority, SigningError } from '../backend.ts'
import type { LocalConfig } from './config.ts'

export interface LocalAuthority {
  readonly authority: Authority
  readonly key: KeyObject
  /** How the key signs. */
  readonly scheme: SignatureScheme
}

/**
 * Reads the CA and its key, and proves that they belong together and that the chain closes at a self-signed root.
 * @throws SigningError `recheck-issuer`, naming the key of the Secret to mend
 */
export function readAuthority(config: LocalConfig): LocalAuthority {
  const own = readCertificates('tls.crt', config.certificates)
  const roots = config.roots === undefined ? [] : readCertificates('ca.crt', config.roots)
  const [signer] = own
  if (signer === undefined) throw broken('ca-certificate-missing', 'tls.crt of the CA Secret holds no certificate')
  const { chain, root } = closeChain(signer, [...own.slice(1), ...roots])
  const key = readKey(config.privateKey)
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  if (!spki.equals(signer.publicKey.spki)) {
    throw broken('ca-key-mismatch', 'tls.key of the CA Secret is not the key of the first certificate in tls.crt')
  }
  return { authority: { certificate: signer, chain, root }, key, scheme: schemeOf(signer) }
}

function readCertificates(entry: string, pem: string): readonly Certificate[] {
  try {
    return parseCertificates(pem)
  } catch (error) {
    if (error instanceof PkiError)
      throw broken('ca-certificate-unreadable', `${entry} of the CA Secret: ${error.message}`)
    throw error
  }
}

function closeChain(signer: Certificate, above: readonly Certificate[]): ReturnType<typeof orderChain> {
  try {
    return orderChain(signer, above)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw broken(
      'ca-chain-open',
      `the CA Secret's chain does not reach a self-signed root (${error.message}); add the missing certificates to tls.crt, or the root as ca.crt`,
    )
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    // The parser's own words may quote the input, so they are not passed on.
    throw broken('ca-key-unreadable', 'tls.key of the CA Secret is not an unencrypted PEM private key')
  }
}

function schemeOf({ publicKey }: Certificate): SignatureScheme {
  try {
    return signatureSchemeFor(publicKey)
  } catch (error) {
    if (error instanceof PkiError) throw broken('ca-key-unsupported', `tls.key of the CA Secret: ${error.message}`)
    throw error
  }
}

function broken(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message)
}
