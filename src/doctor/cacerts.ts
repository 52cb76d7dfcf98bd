import type { Certificate } from '../pki/certificate.ts'
import type { MeshNames } from '../pki/trial.ts'
import { advise } from './cacerts-advice.ts'
import type { EntryNames } from './cacerts-names.ts'
import { judgePath, type TrialVerdicts, type Verdict } from './cacerts-path.ts'
import { type CacertsInput, hasBothFormats, readCacerts } from './cacerts-read.ts'
import { type Finding, finding, sortFindings } from './finding.ts'

export interface CacertsFacts extends CacertsInput {
  readonly mesh: MeshNames
  /** The longest life of a workload's certificate, milliseconds. */
  readonly workloadTtlMs: number
  /** Epoch milliseconds. */
  readonly now: number
}

/** What is known of a CA that istiod has, or would have. */
export interface CacertsReport {
  readonly format: EntryNames['format']
  readonly certificate: Certificate | undefined
  /** The CAs between it and the root. */
  readonly above: readonly Certificate[]
  /** The root that it chains to. */
  readonly root: Certificate | undefined
  /** Everything that workloads would trust. */
  readonly roots: readonly Certificate[]
  /** Whether an istiod that starts now would take it. */
  readonly start: NonNullable<Verdict>
  /** Reached only where it starts. */
  readonly trials: TrialVerdicts
  readonly findings: readonly Finding[]
}

const NO_TRIALS: TrialVerdicts = { workloadServer: undefined, workloadClient: undefined, istiodServer: undefined }

/** Would istiod load this, and would what it then signs be accepted? Rows of a real istiod's behaviour are in the test. */
export function judgeCacerts(facts: CacertsFacts): CacertsReport {
  const read = readCacerts(facts)
  const { certificate, roots, names } = read
  const base = { format: names.format, certificate, roots }
  const mixed = mixedKeys(facts)
  // Without roots every chain is broken, which is told already.
  if (certificate === undefined || roots.length === 0) {
    const findings = sortFindings([...read.findings, ...mixed])
    return { ...base, above: [], root: undefined, start: startOf(read.findings), trials: NO_TRIALS, findings }
  }
  const { path, load, trials, refused } = judgePath(certificate, read, facts)
  const advice = path === undefined || load.length > 0 ? [] : advise(path, read, facts)
  const stops = [...read.findings, ...load]
  const start = startOf(stops)
  return {
    ...base,
    above: path?.chain.slice(1) ?? read.above,
    root: path?.root,
    start,
    trials: start.ok ? trials : NO_TRIALS,
    findings: sortFindings([...stops, ...refused, ...mixed, ...advice]),
  }
}

/** A key in the wrong place does not stop istiod, which makes it worse. */
function startOf(findings: readonly Finding[]): NonNullable<Verdict> {
  const stop = findings.find(({ code }) => code !== 'PrivateKeyPublished')
  return stop === undefined ? { ok: true } : { ok: false, because: `${stop.where}: ${stop.what}` }
}

function mixedKeys({ data, where }: CacertsFacts): readonly Finding[] {
  if (!hasBothFormats(data)) return []
  return [
    finding('CacertsMixedKeys', {
      where,
      what: 'it holds the names of both formats (tls.crt and ca-cert.pem), and istiod reads tls.crt, tls.key and ca.crt only',
      remedy: 'once istiod runs with what cert-manager wrote, remove the entries that end in .pem',
    }),
  ]
}
