import { type Certificate, parseCertificate } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'
import { keyFindings } from './cacerts-key.ts'
import { CERT_MANAGER_NAMES, type EntryNames, ISTIO_NAMES } from './cacerts-names.ts'
import { type Finding, type FindingCode, finding } from './finding.ts'
import { type PemContents, readPemBlocks } from './pem-blocks.ts'

/** Values as text, by key: the Secret `cacerts`, or files with the same names. */
export type CacertsData = Readonly<Record<string, string>>

export interface CacertsInput {
  readonly data: CacertsData
  /** Found by what is there when left out. */
  readonly names?: EntryNames
  /** Whether a key is expected; public files may be judged without one. */
  readonly withKey: boolean
  /** What the data is, for findings: `Secret istio-system/cacerts`. */
  readonly where: string
}

export interface ReadCacerts {
  readonly names: EntryNames
  /** istiod's CA: the first block. */
  readonly certificate: Certificate | undefined
  /** The other certificates that are handed to workloads, the roots aside. */
  readonly above: readonly Certificate[]
  readonly roots: readonly Certificate[]
  /** Each of them keeps istiod from starting, or spoils what it would hand out. */
  readonly findings: readonly Finding[]
}

/** Reads the entries as istiod would, and says what it would stumble over. */
export function readCacerts(input: CacertsInput): ReadCacerts {
  const { data } = input
  const names = input.names ?? namesOf(data)
  const entries = new Map(
    [...new Set([names.certificate, names.chain, names.roots])].map((name) => [name, readEntry(input, name)]),
  )
  const certificatesOf = (name: string): readonly Certificate[] => entries.get(name)?.certificates ?? []
  const [certificate, ...rest] = certificatesOf(names.certificate)
  const chain = names.chain === names.certificate ? rest : certificatesOf(names.chain)
  return {
    names,
    certificate,
    above: chain.filter((one) => one.fingerprint !== certificate?.fingerprint),
    roots: certificatesOf(names.roots),
    findings: [
      ...incomplete(input, names),
      ...[...entries.values()].flatMap((entry) => entry.findings),
      ...newlineMissing(input, names),
      ...keyFindings(data[names.key] ?? '', certificate, { where: input.where, names }),
    ],
  }
}

function namesOf(data: CacertsData): EntryNames {
  const istio = data[CERT_MANAGER_NAMES.certificate] === undefined && hasAny(data, ISTIO_NAMES)
  return istio ? ISTIO_NAMES : CERT_MANAGER_NAMES
}

/** Whether both sets of names are there; istiod then passes over its own. */
export function hasBothFormats(data: CacertsData): boolean {
  return data[CERT_MANAGER_NAMES.certificate] !== undefined && hasAny(data, ISTIO_NAMES)
}

function hasAny(data: CacertsData, { certificate, key, chain, roots }: EntryNames): boolean {
  return [certificate, key, chain, roots].some((name) => data[name] !== undefined)
}

function incomplete({ data, withKey, where }: CacertsInput, names: EntryNames): readonly Finding[] {
  const wanted = new Set([names.certificate, ...(withKey ? [names.key] : []), names.chain, names.roots])
  const missing = [...wanted].filter((name) => (data[name] ?? '').trim() === '')
  if (missing.length === 0) return []
  return [
    finding('CacertsIncomplete', {
      where,
      what: `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing or empty, and istiod ends at its start with "incomplete signing CA bundle detected"`,
      remedy: completion(missing, names),
    }),
  ]
}

function completion(missing: readonly string[], { format, roots }: EntryNames): string {
  if (format === 'PEM') return 'name the files that hold the rest as well'
  if (missing.length > 1 || missing[0] !== roots)
    return 'have a Certificate write the Secret, or put the missing entries in'
  return `use an issuer that fills in ${roots}, such as those of mesh-ca-issuer, and renew the Certificate (cmctl renew)`
}

interface Entry {
  readonly certificates: readonly Certificate[]
  readonly findings: readonly Finding[]
}

function readEntry({ data, where }: CacertsInput, name: string): Entry {
  const text = data[name] ?? ''
  if (text.trim() === '') return { certificates: [], findings: [] }
  const contents = readPemBlocks(text)
  const findings: Finding[] = []
  const add = (code: FindingCode, what: string, remedy: string): void => {
    findings.push(finding(code, { where: `${where}, ${name}`, what, remedy }))
  }
  const unreadable = (what: string): void =>
    add('PemUnreadable', what, 'put whole certificates there, each BEGIN and END line alone, and nothing else')
  if (contents.blocks.some(({ label }) => label.endsWith('PRIVATE KEY')))
    add(
      'PrivateKeyPublished',
      'it holds a private key, and istiod hands this entry to every workload',
      'remove the key from this entry, and replace what it is the key of: it must count as known',
    )
  const certificates = certificatesIn(contents, unreadable)
  if (contents.broken > 0)
    unreadable(`${contents.broken} of its PEM blocks cannot be read; istiod passes over them, or ends at its start`)
  if (certificates.length === 0 && findings.length === 0) unreadable('it holds no certificate')
  return { certificates, findings }
}

function certificatesIn({ blocks }: PemContents, unreadable: (what: string) => void): readonly Certificate[] {
  return blocks
    .filter(({ label, headers }) => label === 'CERTIFICATE' && !headers)
    .flatMap(({ der }, index) => {
      try {
        return [parseCertificate(der)]
      } catch (error) {
        if (!(error instanceof PkiError)) throw error
        unreadable(
          `its certificate number ${index + 1} cannot be used (${error.message}), and istiod ends at its start`,
        )
        return []
      }
    })
}

/** istiod joins tls.crt and ca.crt byte by byte (istio security/pkg/pki/util/keycertbundle.go). */
function newlineMissing({ data, where }: CacertsInput, names: EntryNames): readonly Finding[] {
  const text = data[names.chain] ?? ''
  if (names.format !== 'cert-manager' || text.trim() === '' || text.endsWith('\n')) return []
  return [
    finding('NewlineMissing', {
      where: `${where}, ${names.chain}`,
      what: 'it does not end with a newline, so istiod runs its last certificate and the first of ca.crt into one line and loses both',
      remedy:
        'renew the Certificate with an issuer that ends each PEM block with a newline, as those of mesh-ca-issuer do',
    }),
  ]
}
