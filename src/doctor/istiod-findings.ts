import { type Certificate, isSignedBy, parseCertificate } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'
import { known } from './answer.ts'
import type { CacertsReport } from './cacerts.ts'
import type { ClusterFacts } from './facts.ts'
import { type Finding, finding } from './finding.ts'
import { readPemBlocks } from './pem-blocks.ts'

/** Where istiod says what it trusts, in every namespace. */
export const PUBLISHED = { name: 'istio-ca-root-cert', key: 'root-cert.pem' } as const
/** Where istiod keeps a root that it made itself. */
export const SELF_SIGNED = { name: 'istio-ca-secret', key: 'ca-cert.pem' } as const

/** With USE_CACERTS_FOR_SELF_SIGNED_CA istiod marks what it made (istio pilot/pkg/bootstrap/istio_ca.go). */
const GENERATED = 'istio-generated'

/** The certificates of a PEM text that can be read. */
export function readable(pem: string): readonly Certificate[] {
  return readPemBlocks(pem).blocks.flatMap(({ label, der }) => {
    if (label !== 'CERTIFICATE') return []
    try {
      return [parseCertificate(der)]
    } catch (error) {
      if (error instanceof PkiError) return []
      throw error
    }
  })
}

/** Whether what istiod gives out is what the Secret cacerts holds; true where either is not known. */
export function publishesCacerts(published: string | undefined, roots: string | undefined): boolean {
  return published === undefined || roots === undefined || published === roots
}

/** Which CA istiod really has, going by what it gives out and presents. */
export function istiodFindings(facts: ClusterFacts, cacerts: CacertsReport | undefined): readonly Finding[] {
  return [...secretFindings(facts), ...publishedFindings(facts, cacerts), ...servedFindings(facts, cacerts)]
}

function secretFindings({ namespace, cacerts, selfSigned, certificates }: ClusterFacts): readonly Finding[] {
  const where = `Secret ${namespace}/cacerts`
  if (cacerts.state === 'absent') {
    const made = selfSigned?.state === 'read'
    return [
      finding('CacertsMissing', {
        where,
        what: made
          ? `it does not exist, and istiod signs with a root that it made itself (Secret ${SELF_SIGNED.name})`
          : 'it does not exist, so an istiod that starts makes a root of its own',
        remedy:
          'have a Certificate write it, and restart istiod behind that: it does not notice a Secret that came later',
      }),
    ]
  }
  const secret = known(cacerts)
  if (secret === undefined) return []
  if (secret.data[GENERATED] !== undefined) {
    return [
      finding('IstiodSelfSigned', {
        where: `${where}, ${GENERATED}`,
        what: 'istiod made this Secret itself, and takes whatever is in it for a root of its own as long as this entry is there',
        remedy:
          'delete the Secret so that cert-manager makes it anew, and restart istiod; in a mesh that carries traffic this replaces the root, so read "Replace a root" first',
      }),
    ]
  }
  const written = (known(certificates) ?? []).some(({ secretName }) => secretName === 'cacerts')
  if (secret.type === 'kubernetes.io/tls' || !written) return []
  return [
    finding('SecretTypeOther', {
      where: `${where}, type`,
      what: `it was made by hand as ${secret.type}, which cert-manager does not change; istiod does not mind, other readers may`,
      remedy: 'leave it, or delete it in a maintenance window and restart istiod once cert-manager has made it anew',
    }),
  ]
}

function publishedFindings(facts: ClusterFacts, cacerts: CacertsReport | undefined): readonly Finding[] {
  const where = `ConfigMap ${facts.namespace}/${PUBLISHED.name}`
  if (facts.published.state === 'absent') {
    return [
      finding('IstiodRootsUnknown', {
        where,
        what: 'it does not exist, so istiod has not run with this namespace, or does not give its roots out',
        remedy: 'start istiod, or look in the namespace that it runs in with --namespace',
      }),
    ]
  }
  const published = known(facts.published)
  if (published === undefined || cacerts === undefined) return []
  const [given, held] = [fingerprints(readable(published)), fingerprints(cacerts.roots)]
  if (given.join() !== held.join()) return [otherRoots(facts, { where, given, held })]
  const data = known(facts.cacerts)?.data ?? {}
  if (publishesCacerts(published, data[cacerts.format === 'Istio' ? 'root-cert.pem' : 'ca.crt'])) return []
  return [
    finding('IstiodRootBytesDiffer', {
      where,
      what: 'istiod has the same roots as the Secret cacerts in other bytes, and drops every renewal without a word unless ISTIO_MULTIROOT_MESH is on',
      remedy:
        'use an issuer that keeps the bytes of ca.crt, renew the Certificate, then restart istiod once (kubectl rollout restart)',
    }),
  ]
}

interface Sets {
  readonly where: string
  /** Fingerprints, sorted: what istiod gives out, and what the Secret holds. */
  readonly given: readonly string[]
  readonly held: readonly string[]
}

function otherRoots({ selfSigned }: ClusterFacts, { where, given, held }: Sets): Finding {
  const own = fingerprints(readable(known(selfSigned ?? { state: 'absent' })?.data[SELF_SIGNED.key] ?? ''))
  if (own.some((one) => given.includes(one)) && !own.some((one) => held.includes(one))) {
    return finding('IstiodSelfSigned', {
      where,
      what: `istiod still uses the root that it made itself (Secret ${SELF_SIGNED.name}): it started before the Secret cacerts was there, and does not look again`,
      remedy: 'restart istiod; in a mesh that carries traffic this replaces the root, so read "Replace a root" first',
    })
  }
  return finding('IstiodRootsDiffer', {
    where,
    what: `istiod gives out the roots ${short(given)}, and the Secret cacerts holds ${short(held)}: it has not taken the Secret up, and drops renewals until it does`,
    remedy:
      'restart istiod, or switch ISTIO_MULTIROOT_MESH on; where it has been so for minutes only, wait for kubelet',
  })
}

function servedFindings({ namespace, served }: ClusterFacts, cacerts: CacertsReport | undefined): readonly Finding[] {
  if (served === undefined) return []
  const where = `istiod of namespace ${namespace}`
  if (served.state !== 'read') {
    return [
      finding('IstiodUnreachable', {
        where,
        what: `no TLS handshake: ${served.state === 'failed' ? served.message : 'no answer'}`,
        remedy: 'name the address of its TLS port (15012), as kubectl port-forward gives it',
      }),
    ]
  }
  const [own, signer] = served.value
  const ca = cacerts?.certificate
  if (own === undefined || ca === undefined || signedWith(own, signer, ca)) return []
  return [
    finding('IstiodServesOther', {
      where,
      what: `its own certificate was signed by ${own.issuer.text}${signer === undefined ? '' : ` (sha256 ${signer.fingerprint.slice(0, 16)})`}, and the Secret cacerts holds ${ca.subject.text} (sha256 ${ca.fingerprint.slice(0, 16)})`,
      remedy: "where that has been so for minutes, look for 'Update Istiod cacerts' in istiod's log, and restart it",
    }),
  ]
}

/** A renewal may keep name and key, so the signature alone does not tell which of two certificates istiod has. */
function signedWith(own: Certificate, signer: Certificate | undefined, ca: Certificate): boolean {
  const other = signer !== undefined && signer.fingerprint !== ca.fingerprint && isSignedBy(own, signer)
  return isSignedBy(own, ca) && !other
}

function fingerprints(certificates: readonly Certificate[]): readonly string[] {
  return [...new Set(certificates.map(({ fingerprint }) => fingerprint))].sort()
}

/** As they are printed everywhere: 16 digits of each. */
function short(list: readonly string[]): string {
  return list.length === 0 ? 'none' : list.map((one) => one.slice(0, 16)).join(' and ')
}
