import type { KeyUsage } from '../../pki/key-usage.ts'

/** Vault's names of key usages: those of Go's crypto/x509, without their prefix. */
export const KEY_USAGE_NAMES: Readonly<Record<KeyUsage, string>> = {
  digitalSignature: 'DigitalSignature',
  contentCommitment: 'ContentCommitment',
  keyEncipherment: 'KeyEncipherment',
  dataEncipherment: 'DataEncipherment',
  keyAgreement: 'KeyAgreement',
  keyCertSign: 'CertSign',
  cRLSign: 'CRLSign',
  encipherOnly: 'EncipherOnly',
  decipherOnly: 'DecipherOnly',
}

/** Vault's names of extended key usages, by OID. `ext_key_usage_oids` of sign-intermediate is taken and not heeded. */
export const EXT_KEY_USAGE_NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.29.37.0', 'Any'],
  ['1.3.6.1.5.5.7.3.1', 'ServerAuth'],
  ['1.3.6.1.5.5.7.3.2', 'ClientAuth'],
  ['1.3.6.1.5.5.7.3.3', 'CodeSigning'],
  ['1.3.6.1.5.5.7.3.4', 'EmailProtection'],
  ['1.3.6.1.5.5.7.3.5', 'IPSECEndSystem'],
  ['1.3.6.1.5.5.7.3.6', 'IPSECTunnel'],
  ['1.3.6.1.5.5.7.3.7', 'IPSECUser'],
  ['1.3.6.1.5.5.7.3.8', 'TimeStamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning'],
  ['1.3.6.1.4.1.311.10.3.3', 'MicrosoftServerGatedCrypto'],
  ['2.16.840.1.113730.4.1', 'NetscapeServerGatedCrypto'],
])
