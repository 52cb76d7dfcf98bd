import {
  type AuthorityKeyIdentifier,
  type Extension,
  type KnownExtensions,
  OID,
  otherExtensions,
  parseAuthorityKeyIdentifier,
  readKnownExtensions,
} from './extensions.ts'
import { type PeerFault, peerFaultOf } from './peer-forms.ts'

/** What the extensions of a certificate say. */
export interface CertificateExtensions extends KnownExtensions {
  readonly authorityKeyIdentifier: Uint8Array | undefined
  /** The issuer's certificate, where its serial number or its own issuer is named. */
  readonly authorityCertificate: Pick<AuthorityKeyIdentifier, 'issuer' | 'serialNumber'> | undefined
  /** In an extension that is only passed on here. */
  readonly peerFault: PeerFault | undefined
  /** OIDs of critical extensions that Go or OpenSSL would refuse to pass over. */
  readonly unknownCriticalExtensions: readonly string[]
}

/** Read by Go and OpenSSL, and without effect on whether a path holds, but for what `peerFault` is. */
const HARMLESS: readonly string[] = [
  OID.authorityKeyIdentifier,
  OID.certificatePolicies,
  OID.policyConstraints,
  OID.crlDistributionPoints,
]
const NOBODY: AuthorityKeyIdentifier = { keyIdentifier: undefined, issuer: undefined, serialNumber: undefined }

/** @throws PkiError `extension-invalid`, `der-invalid`, and what the readers of single extensions throw */
export function parseCertificateExtensions(extensions: ReadonlyMap<string, Extension>): CertificateExtensions {
  const authority = extensions.get(OID.authorityKeyIdentifier)
  const { keyIdentifier, issuer, serialNumber } =
    authority === undefined ? NOBODY : parseAuthorityKeyIdentifier(authority.value, authority.critical)
  return {
    ...readKnownExtensions(extensions),
    authorityKeyIdentifier: keyIdentifier,
    authorityCertificate: issuer === undefined && serialNumber === undefined ? undefined : { issuer, serialNumber },
    peerFault: peerFaultOf(extensions),
    unknownCriticalExtensions: otherExtensions(extensions, HARMLESS)
      .filter(({ critical }) => critical)
      .map(({ oid }) => oid),
  }
}
