import type { Extension } from '../../src/pki/extensions.ts'
import { encodePem } from '../../src/pki/pem.ts'
import { testCsr, testExtensionRequest } from '../../src/testing/certificates.ts'
import { dns } from '../../src/testing/names.ts'
import { csrFor } from './support-requests.ts'

/** SubjectAltName with one DNS name, `b`. */
const SECOND_NAME: Extension = { oid: '2.5.29.17', critical: false, value: Buffer.from('3003820162', 'hex') }
const UNKNOWN: Extension = { oid: '1.2.3.4', critical: true, value: Buffer.from('0500', 'hex') }

function altered(change: (der: Buffer) => Buffer): string {
  const base64 = csrFor('altered').replaceAll(/-----.*-----|\s/g, '')
  return encodePem('CERTIFICATE REQUEST', change(Buffer.from(base64, 'base64')))
}

/** PEM that is no honest CSR, and what is said of it. */
export const HOSTILE: readonly { readonly what: string; readonly csr: string; readonly words: string }[] = [
  {
    what: 'a second request behind the first',
    csr: csrFor('first') + csrFor('second'),
    words: 'the PEM text cannot be read: it holds more than one CERTIFICATE REQUEST block; give exactly one',
  },
  {
    what: 'text behind the block',
    csr: `${csrFor('chatty')}hello\n`,
    words: 'the PEM text cannot be read: it has text outside its blocks; remove it',
  },
]

/** The like that cert-manager's webhook does not let in. */
export const HOSTILE_TO_WEBHOOK: typeof HOSTILE = [
  {
    what: 'a broken signature',
    csr: altered((der) => Buffer.from(der.map((octet, at) => (at === der.length - 1 ? octet ^ 1 : octet)))),
    words: "the CSR's signature does not match the ECDSA P-256 key; make the CSR anew",
  },
  {
    what: 'an octet behind the end',
    csr: altered((der) => Buffer.concat([der, Buffer.of(0)])),
    words: 'the CSR is not well-formed DER: there are bytes behind its end',
  },
  {
    what: 'an extension twice',
    csr: csrFor('twice', { names: [dns('a')], extensions: [SECOND_NAME] }),
    words: 'the CSR holds the extension 2.5.29.17 twice',
  },
  {
    what: 'two lists of extensions',
    csr: csrFor('two-lists', { names: [dns('a')], attributes: [testExtensionRequest([SECOND_NAME])] }),
    words: 'the CSR cannot be used: it holds an attribute twice, so that readers may see different names in it',
  },
  {
    what: 'an unknown critical extension',
    csr: csrFor('critical', { extensions: [UNKNOWN] }),
    words: 'the CSR cannot be used: it holds the critical extension 1.2.3.4, which is not known here; remove it',
  },
  {
    what: 'a CSR for no CA',
    csr: csrFor('no-ca', { isCA: false }),
    words: 'the CSR says cA=false and the request says isCA=true; they must agree',
  },
  {
    what: 'usages other than those of the request',
    csr: csrFor('usages', { keyUsage: ['keyCertSign'] }),
    words: 'the key usages in the CSR are not those in spec.usages; make both the same',
  },
  {
    what: 'a curve that is not signed',
    csr: csrFor('koblitz', { key: 'ECDSA-secp256k1' }),
    words:
      'the issuer does not sign ECDSA secp256k1 keys; it signs RSA, ECDSA-P256, ECDSA-P384 (RSA from 2048 to 8192 bits)',
  },
  {
    what: 'a private key',
    csr: testCsr({ subject: 'CN=key' }).privateKeyPem,
    words: 'the PEM text holds a block that is not a CERTIFICATE REQUEST; remove it',
  },
]
