import { type Certificate, parseCertificates } from '../../pki/certificate.ts'
import { orderChain } from '../../pki/chain.ts'
import { PkiError } from '../../pki/error.ts'
import { type Authority, SigningError } from '../backend.ts'
import type { VaultConfig } from './config.ts'
import { type JsonRecord, readText, readTexts } from './json.ts'
import { pathOf } from './words.ts'

/**
 * The authority that an issuer of Vault shows (`data` of `issuer/:ref/json`): its certificate, a chain that closes at a
 * self-signed root, and the pinned fingerprint. Vault repeats the root, and knows no more than was imported.
 * @throws SigningError `recheck-issuer`
 */
export function readAuthority(data: JsonRecord, config: VaultConfig): Authority {
  const [certificate] = readPem(readText(data.certificate) ?? '', config)
  if (certificate === undefined) throw broken('issuer-unreadable', `${pathOf(config)} has no certificate`)
  checkPin(certificate, config)
  const above = (readTexts(data.ca_chain) ?? []).flatMap((pem) => readPem(pem, config))
  try {
    return { certificate, ...orderChain(certificate, above) }
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw broken(
      'issuer-chain-open',
      `the chain of ${pathOf(config)} does not reach a self-signed root (${error.message}); import the missing certificates with ${config.mount}/issuers/import/cert`,
    )
  }
}

/** The earliest end in the chain: what is signed must not outlive any of it. */
export function authorityEnd({ chain, root }: Authority): number {
  return Math.min(root.notAfter, ...chain.map(({ notAfter }) => notAfter))
}

function readPem(pem: string, config: VaultConfig): readonly Certificate[] {
  try {
    return parseCertificates(pem)
  } catch (error) {
    if (error instanceof PkiError) throw broken('issuer-unreadable', `${pathOf(config)}: ${error.message}`)
    throw error
  }
}

function checkPin({ fingerprint }: Certificate, config: VaultConfig): void {
  const { issuerFingerprint: pinned } = config
  if (pinned === undefined || pinned === fingerprint) return
  throw broken(
    'issuer-fingerprint-differs',
    `${pathOf(config)} has the fingerprint ${fingerprint}, and vault.issuerFingerprint asks for ${pinned}; if the change is meant, change the fingerprint`,
  )
}

function broken(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message, { part: 'AuthorityReady' })
}
