import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from 'node:tls'
import { parseCertificates } from '../../pki/certificate.ts'
import { PkiError } from '../../pki/error.ts'
import { SigningError } from '../backend.ts'
import type { ClientCertificateConfig, VaultConfig } from './config.ts'

/** The part of Node's TLS options that a configuration decides. */
export type TlsSettings = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'checkServerIdentity'>

/**
 * How to connect. The certificate that logs in is the one of the connection too, since the server looks there for it.
 * @throws SigningError where PEM of the configuration cannot be read
 */
export function tlsSettings({ caBundle, serverName, clientCertificate, auth }: VaultConfig): TlsSettings {
  const shown = auth.method === 'certificate' ? auth.clientCertificate : clientCertificate
  return {
    ...(caBundle === undefined ? {} : { ca: readBundle(caBundle) }),
    ...(serverName === undefined ? {} : named(serverName)),
    ...(shown === undefined ? {} : readPair(shown)),
  }
}

/** An address cannot stand in the TLS handshake (RFC 6066 section 3), but a certificate can carry it. */
function named(serverName: string): TlsSettings {
  const check: TlsSettings = { checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate) }
  return isIP(serverName) === 0 ? { ...check, servername: serverName } : check
}

function readBundle(pem: string): string[] {
  try {
    return parseCertificates(pem).map((certificate) => certificate.pem)
  } catch (error) {
    if (error instanceof PkiError)
      throw unfit('ca-bundle-unreadable', `the CA bundle of vault.server: ${error.message}`)
    throw error
  }
}

function readPair({ certificates, privateKey }: ClientCertificateConfig): Pick<TlsSettings, 'cert' | 'key'> {
  try {
    parseCertificates(certificates)
  } catch (error) {
    if (error instanceof PkiError)
      throw unfit('client-certificate-unreadable', `tls.crt of the client certificate's Secret: ${error.message}`)
    throw error
  }
  try {
    createPrivateKey(privateKey)
    createSecureContext({ cert: certificates, key: privateKey })
  } catch {
    // The parser's own words may quote the input, so they are not passed on.
    throw unfit(
      'client-key-unfit',
      "tls.key of the client certificate's Secret is not an unencrypted PEM private key that fits tls.crt",
    )
  }
  return { cert: certificates, key: privateKey }
}

function unfit(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message, { part: 'CredentialsReady' })
}
