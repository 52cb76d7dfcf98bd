import { contextTag } from '../../../pki/der-reader.ts'
import { element, octetString, sequence } from '../../../pki/der-writer.ts'
import { type Extension, OID } from '../../../pki/extensions.ts'
import { encodeExtKeyUsage, encodeKeyUsage, type KeyUsage } from '../../../pki/key-usage.ts'
import { encodeNameConstraints } from '../../../pki/name-constraints.ts'
import { encodePem } from '../../../pki/pem.ts'
import { subjectKeyIdentifier } from '../../../pki/public-key.ts'
import { contentExtensions, encodeTbs } from '../../../pki/tbs.ts'
import type { TestCertificate } from '../../certificate-options.ts'
import { subtrees } from '../../names.ts'
import { schemeFor, seal } from '../../signing.ts'
import type { Ordered } from './order.ts'

/** What a certificate of the fake says beside what is copied from the CSR. */
export interface Terms {
  readonly isCA: boolean
  /** null = no limit. */
  readonly pathLength: number | null
  readonly keyUsage: readonly KeyUsage[]
  readonly extKeyUsage: readonly string[]
  readonly permittedDnsDomains: readonly string[]
  /** Epoch milliseconds. */
  readonly notBefore: number
  readonly notAfter: number
  readonly serialNumber: Uint8Array
}

/** Signs: what the CSR asks for is copied, the rest is added where the CSR says nothing of its kind. */
export function signOrdered(signer: TestCertificate, ordered: Ordered, terms: Terms): string {
  const { csr, extensions } = ordered
  const { notBefore, notAfter, serialNumber } = terms
  const { subject: issuer, subjectKeyIdentifier: own, publicKey: signerKey } = signer.certificate
  const authorityKeyIdentifier = own ?? subjectKeyIdentifier(signerKey)
  const { subject, publicKey } = csr
  const plain = { isCA: false, keyUsage: [], extKeyUsage: [], authorityKeyIdentifier }
  const base = { issuer, subject, publicKey, notBefore, notAfter, serialNumber, ...plain }
  const copied = extensions.map(({ oid }) => oid)
  const added = addedExtensions(terms, ordered, authorityKeyIdentifier).filter(({ oid }) => !copied.includes(oid))
  const scheme = schemeFor(signerKey)
  const tbs = encodeTbs(base, [...added, ...extensions], { ...scheme, hash: null })
  return encodePem('CERTIFICATE', seal(tbs, scheme, signer.privateKey))
}

function addedExtensions(terms: Terms, { csr }: Ordered, authorityKeyIdentifier: Uint8Array): readonly Extension[] {
  const { isCA, pathLength, keyUsage, extKeyUsage, permittedDnsDomains: dnsDomains } = terms
  const constraints = { critical: true, permitted: subtrees({ dnsDomains }), excluded: subtrees() }
  return [
    ...(keyUsage.length === 0 ? [] : [{ oid: OID.keyUsage, critical: true, value: encodeKeyUsage(keyUsage) }]),
    ...(extKeyUsage.length === 0
      ? []
      : [{ oid: OID.extKeyUsage, critical: false, value: encodeExtKeyUsage(extKeyUsage) }]),
    ...(isCA ? [basicConstraints(csr, pathLength)] : []),
    { oid: OID.subjectKeyIdentifier, critical: false, value: octetString(subjectKeyIdentifier(csr.publicKey)) },
    {
      oid: OID.authorityKeyIdentifier,
      critical: false,
      value: sequence(element(contextTag(0), authorityKeyIdentifier)),
    },
    ...(dnsDomains.length === 0
      ? []
      : [{ oid: OID.nameConstraints, critical: true, value: encodeNameConstraints(constraints) }]),
  ]
}

function basicConstraints({ subject, publicKey }: Ordered['csr'], pathLength: number | null): Extension {
  const nothing = { keyUsage: [], extKeyUsage: [], authorityKeyIdentifier: new Uint8Array(0) }
  const times = { serialNumber: Uint8Array.of(1), notBefore: 0, notAfter: 0 }
  const limit = pathLength === null ? {} : { pathLength }
  const written = contentExtensions({ issuer: subject, subject, publicKey, isCA: true, ...limit, ...nothing, ...times })
  const found = written.find(({ oid }) => oid === OID.basicConstraints)
  if (found === undefined) throw new Error('a CA has basic constraints')
  return found
}
