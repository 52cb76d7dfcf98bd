import { type Certificate, isSelfSigned, isSignedBy } from '../pki/certificate.ts'
import { type OrderedChain, orderChain } from '../pki/chain.ts'
import { PkiError } from '../pki/error.ts'
import { EKU } from '../pki/key-usage.ts'
import { type PathProblem, PEERS_REFUSE, trialPath, verifyPath } from '../pki/path.ts'
import { type MeshNames, meshTrials } from '../pki/trial.ts'
import type { ReadCacerts } from './cacerts-read.ts'
import { type Finding, type FindingCode, finding } from './finding.ts'

/** Whether something would be taken, and why not; undefined where that was not reached. */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly because: string } | undefined

/** What becomes of certificates that istiod signs. */
export interface TrialVerdicts {
  readonly workloadServer: Verdict
  readonly workloadClient: Verdict
  /** istiod's own serving certificate, for agents and webhooks. */
  readonly istiodServer: Verdict
}

export interface PathFacts {
  readonly mesh: MeshNames
  /** Epoch milliseconds. */
  readonly now: number
  readonly where: string
}

export interface PathReport {
  /** Undefined where the chain does not reach a self-signed root in the roots' entry. */
  readonly path: OrderedChain | undefined
  /** What keeps istiod from loading it. */
  readonly load: readonly Finding[]
  /** What it would load all the same, and what would then be refused. */
  readonly trials: TrialVerdicts
  readonly refused: readonly Finding[]
}

const NOT_REACHED: TrialVerdicts = { workloadServer: undefined, workloadClient: undefined, istiodServer: undefined }

/** Judges istiod's CA as istiod would at its start (istio security/pkg/pki/util/keycertbundle.go), and then what it would sign. */
export function judgePath(certificate: Certificate, read: ReadCacerts, facts: PathFacts): PathReport {
  const path = closed(certificate, read)
  if (!('chain' in path)) {
    const misnamed = misnamedFinding(certificate, read, facts)
    if (misnamed !== undefined) return { path: undefined, load: [], trials: NOT_REACHED, refused: [misnamed] }
    const open = openFinding(certificate, { read, facts, message: path.message })
    const loads = open.code === 'RootNotSelfSigned'
    return { path: undefined, load: loads ? [] : [open], trials: NOT_REACHED, refused: loads ? [open] : [] }
  }
  const load = loadFindings(path, read, facts)
  if (load.length > 0) return { path, load, trials: NOT_REACHED, refused: [] }
  const trials = tryPath(path, facts)
  return { path, load, trials, refused: refusals(trials, facts) }
}

/** Only what ca.crt holds is trusted, so a root that comes along in tls.crt closes nothing. */
function closed(certificate: Certificate, { above, roots }: ReadCacerts): OrderedChain | { readonly message: string } {
  try {
    const path = orderChain(certificate, [...above.filter((one) => !isSelfSigned(one)), ...roots])
    const trusted = roots.some((root) => root.fingerprint === path.root.fingerprint)
    return trusted ? path : { message: 'its root is not among the trusted ones' }
  } catch (error) {
    if (error instanceof PkiError) return { message: error.message }
    throw error
  }
}

/** Go closes the chain by names and key identifiers alone. */
function misnamedFinding(certificate: Certificate, read: ReadCacerts, { where }: PathFacts): Finding | undefined {
  const asInGo = (one: Certificate): Certificate => ({ ...one, authorityCertificate: undefined })
  const [above, roots] = [read.above.map(asInGo), read.roots.map(asInGo)]
  if (!('chain' in closed(asInGo(certificate), { ...read, above, roots }))) return undefined
  return finding('WorkloadRefused', {
    where,
    what: "istiod loads it, but OpenSSL and Envoy find no way to the root: an authority key identifier gives another serial number or name than its issuer's, as from before a renewal",
    remedy: 'have the PKI issue the CA with that identifier again, then renew the Certificate',
  })
}

interface OpenFacts {
  readonly read: ReadCacerts
  readonly facts: PathFacts
  readonly message: string
}

function openFinding(certificate: Certificate, { read, facts, message }: OpenFacts): Finding {
  const { above, roots, names } = read
  const anchor = roots.find((root) => [certificate, ...above].some((one) => isSignedBy(one, root)))
  if (anchor !== undefined) {
    return finding('RootNotSelfSigned', {
      where: `${facts.where}, ${names.roots}`,
      what: `it ends at ${anchor.subject.text}, which is no self-signed root: workloads trust each other within this cluster, and refuse those of clusters below other CAs of the same root`,
      remedy: `put the self-signed root into ${names.roots}, and the CAs below it into ${names.chain}; for a running mesh that is a change of roots, see "Replace a root"`,
    })
  }
  return finding('ChainBroken', {
    where: facts.where,
    what: `the chain of istiod's CA does not reach a root in ${names.roots}, and istiod ends at its start with "certificate signed by unknown authority" (${message})`,
    remedy: `put every CA between istiod's own and the root into ${names.chain}, in this order, and the root into ${names.roots}`,
  })
}

const DATES: Readonly<Record<string, FindingCode>> = {
  expired: 'CertificateExpired',
  'not-yet-valid': 'CertificateNotYetValid',
}

/** Loaded by istiod, and refused by its peers. */
const BEYOND_LOADING: readonly string[] = ['key-unsupported', PEERS_REFUSE]

function loadFindings({ chain, root }: OrderedChain, read: ReadCacerts, facts: PathFacts): readonly Finding[] {
  const where = facts.where
  const [certificate] = chain
  if (certificate?.basicConstraints?.cA !== true) {
    return [
      finding('NotACA', {
        where: `${where}, ${read.names.certificate}`,
        what: `${certificate?.subject.text ?? 'the first certificate'} is not a CA: istiod ends at its start, and a running one takes it and breaks the mesh`,
        remedy: 'set isCA: true in the Certificate, and use an issuer that honours it',
      }),
    ]
  }
  const problem = verifyPath(chain, root, facts.now) ?? withoutServerAuth([...chain, root])
  if (problem === undefined || BEYOND_LOADING.includes(problem.code)) return []
  const dated = DATES[problem.code]
  return [
    finding(dated ?? 'ChainUnusable', {
      where,
      what: `istiod does not load it: ${problem.message}`,
      remedy:
        dated === undefined
          ? 'have the PKI issue the CA that is named without this fault, then renew the Certificate'
          : "renew what is out of date; where it is all in date, set this machine's or the PKI's clock",
    }),
  ]
}

/** Go verifies istiod's CA as if it were a server's certificate. */
function withoutServerAuth(path: readonly Certificate[]): PathProblem | undefined {
  const allows = ({ extKeyUsage }: Certificate): boolean =>
    extKeyUsage === undefined || extKeyUsage.includes(EKU.serverAuth) || extKeyUsage.includes(EKU.any)
  const limited = path.find((one) => !allows(one))
  if (limited === undefined) return undefined
  return {
    code: 'extended-key-usage',
    message: `the extended key usages of ${limited.subject.text} leave no room for servers`,
  }
}

function tryPath({ chain, root }: OrderedChain, { mesh, now }: PathFacts): TrialVerdicts {
  const [workload, istiod] = meshTrials(mesh)
  const role = (trial: typeof workload, usage: string): Verdict => {
    if (trial === undefined) return undefined
    const problem = trialPath({ ...trial, extKeyUsage: [usage] }, chain, root, now)
    return problem === undefined ? { ok: true } : { ok: false, because: problem.message }
  }
  return {
    workloadServer: role(workload, EKU.serverAuth),
    workloadClient: role(workload, EKU.clientAuth),
    istiodServer: role(istiod, EKU.serverAuth),
  }
}

const CA_REMEDY =
  'have the PKI issue a CA without this limit, then renew the Certificate; an issuer with profile MeshCA proves this before it hands a CA over'

function refusals(
  { workloadServer, workloadClient, istiodServer }: TrialVerdicts,
  facts: PathFacts,
): readonly Finding[] {
  const because = (verdict: Verdict): string | undefined => (verdict?.ok === false ? verdict.because : undefined)
  const [server, client, istiod] = [because(workloadServer), because(workloadClient), because(istiodServer)]
  const identity = `a workload of trust domain ${facts.mesh.trustDomain}`
  const roles = [...(server === undefined ? [] : ['server']), ...(client === undefined ? [] : ['client'])]
  const workload = server ?? client
  return [
    ...(workload === undefined
      ? []
      : [
          finding('WorkloadRefused', {
            where: facts.where,
            what: `istiod loads it, but peers would refuse ${identity} as ${roles.join(' and as ')}: ${workload}`,
            remedy: CA_REMEDY,
          }),
        ]),
    ...(istiod === undefined
      ? []
      : [
          finding('IstiodRefused', {
            where: facts.where,
            what: `istiod loads it, but agents and webhooks would refuse istiod's own serving certificate: ${istiod}`,
            remedy: CA_REMEDY,
          }),
        ]),
  ]
}
