import { formatTime } from '../api/time.ts'
import { type Certificate, isSelfSigned } from '../pki/certificate.ts'
import type { OrderedChain } from '../pki/chain.ts'
import { alikeNames } from '../trust/alike.ts'
import type { ReadCacerts } from './cacerts-read.ts'
import { type Finding, finding } from './finding.ts'
import { span } from './words.ts'

export interface AdviceFacts {
  readonly where: string
  /** The longest life of a workload's certificate, milliseconds. */
  readonly workloadTtlMs: number
  /** Epoch milliseconds. */
  readonly now: number
}

type Advice = (path: OrderedChain, read: ReadCacerts, facts: AdviceFacts) => readonly Finding[]

/** What works today and will hurt one day. */
export function advise(path: OrderedChain, read: ReadCacerts, facts: AdviceFacts): readonly Finding[] {
  return ALL.flatMap((advice) => advice(path, read, facts))
}

const endsSoon: Advice = ({ chain }, { names }, { where, workloadTtlMs, now }) => {
  const [certificate] = chain
  if (certificate === undefined || certificate.notAfter - now > workloadTtlMs) return []
  return [
    finding('CAEndsSoon', {
      where: `${where}, ${names.certificate}`,
      what: `istiod's CA ends at ${formatTime(certificate.notAfter)}, in ${span(certificate.notAfter - now)}; istiod shortens workload certificates (${span(workloadTtlMs)}) to that, and proxies ask for new ones ever more often`,
      remedy:
        'find out why it was not renewed (kubectl describe the Certificate and its CertificateRequest), then renew it',
    }),
  ]
}

const chainEndsFirst: Advice = ({ chain, root }, _read, { where }) => {
  const [certificate, ...above] = chain
  const first = [...above, root].reduce((a, b) => (b.notAfter < a.notAfter ? b : a))
  if (certificate === undefined || first.notAfter >= certificate.notAfter) return []
  return [
    finding('ChainEndsFirst', {
      where,
      what: `${first.subject.text} ends at ${formatTime(first.notAfter)}, before istiod's CA below it (${formatTime(certificate.notAfter)}); istiod does not look at that, and from then on every handshake fails`,
      remedy: 'renew the CA that ends first in the PKI, then renew the Certificate; a root is replaced step by step',
    }),
  ]
}

const identifierMissing: Advice = ({ chain }, { names }, { where }) => {
  const [certificate] = chain
  if (certificate === undefined || isSelfSigned(certificate)) return []
  const missing = [
    ...(certificate.subjectKeyIdentifier === undefined ? ['subject key identifier'] : []),
    ...(certificate.authorityKeyIdentifier === undefined ? ['authority key identifier'] : []),
  ]
  if (missing.length === 0) return []
  return [
    finding('IdentifierMissing', {
      where: `${where}, ${names.certificate}`,
      what: `istiod's CA has no ${missing.join(' and no ')}; OpenSSL refuses it in strict mode, and without one tells two roots of one name apart by luck`,
      remedy: 'have the PKI issue CAs with both identifiers (RFC 5280 4.2.1.1 and 4.2.1.2)',
    }),
  ]
}

const namesCollide: Advice = (_path, { roots, names }, { where }) => {
  const twin = roots.find((root, index) =>
    roots
      .slice(0, index)
      .some((other) => other.fingerprint !== root.fingerprint && alikeNames(other.subject, root.subject)),
  )
  if (twin === undefined) return []
  return [
    finding('RootNamesCollide', {
      where: `${where}, ${names.roots}`,
      what: `two different roots carry the name ${twin.subject.text}, and some TLS stacks pick the wrong one`,
      remedy: 'give the new root a name of its own',
    }),
  ]
}

const anchors: Advice = (_path, { roots, names }, { where }) =>
  roots
    .filter((root) => !isSelfSigned(root))
    .map((root) =>
      finding('AnchorNotRoot', {
        where: `${where}, ${names.roots}`,
        what: `${root.subject.text} is no root, but stands among the roots and is trusted as one`,
        remedy: `leave only self-signed roots in ${names.roots}; the CAs between belong into ${names.chain}`,
      }),
    )

const outOfDate: Advice = ({ root }, { roots, names }, { where, now }) =>
  roots
    .filter((other) => other.fingerprint !== root.fingerprint && (other.notAfter <= now || other.notBefore > now))
    .map((other) =>
      finding('RootOutOfDate', {
        where: `${where}, ${names.roots}`,
        what: `the root ${other.subject.text} is valid from ${formatTime(other.notBefore)} to ${formatTime(other.notAfter)} only, so nobody trusts it now`,
        remedy: "remove it from the issuer's trust.additionalRoots, which is a step of its own: narrow the set",
      }),
    )

/** Istio makes and tests RSA and ECDSA P-256 and P-384. */
const USUAL: readonly Certificate['publicKey']['kind'][] = ['RSA', 'ECDSA-P256', 'ECDSA-P384']

const unusualKey: Advice = ({ chain }, { names }, { where }) => {
  const [certificate] = chain
  if (certificate === undefined || USUAL.includes(certificate.publicKey.kind)) return []
  return [
    finding('KeyKindUnusual', {
      where: `${where}, ${names.certificate}`,
      what: `istiod's CA has a key of kind ${certificate.publicKey.description}; istiod loads it, but not every proxy verifies its signatures`,
      remedy: 'use ECDSA P-256 or P-384, or RSA from 2048 bits, in privateKey of the Certificate',
    }),
  ]
}

/** rustls, which ztunnel verifies with, knows no constraints of URIs, and refuses each name that meets one (rustls-webpki 0.103). */
const urisConstrained: Advice = ({ chain, root }, _read, { where }) => {
  const limited = [...chain, root].find(
    ({ nameConstraints: limits }) =>
      limits && [limits.permitted, limits.excluded].some((one) => one.uriDomains.length > 0),
  )
  if (limited === undefined) return []
  return [
    finding('ZtunnelRefuses', {
      where,
      what: `the name constraints of ${limited.subject.text} speak of URIs, which is what workloads are called by: sidecars heed that, and ztunnel refuses every workload whatever its name`,
      remedy: 'for an ambient mesh leave uriDomains out of nameConstraints, in the issuer and in the CAs above it',
    }),
  ]
}

const selfSigned: Advice = ({ chain, root }, { names }, { where }) =>
  chain[0]?.fingerprint === root.fingerprint
    ? [
        finding('SelfSignedCA', {
          where: `${where}, ${names.certificate}`,
          what: "istiod's CA is itself the root, so no other cluster can share it without its key",
          remedy: 'give each cluster an intermediate below one root',
        }),
      ]
    : []

const ALL: readonly Advice[] = [
  endsSoon,
  chainEndsFirst,
  identifierMissing,
  namesCollide,
  anchors,
  outOfDate,
  unusualKey,
  urisConstrained,
  selfSigned,
]
