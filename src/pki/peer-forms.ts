import { contextTag, DerReader, TAG } from './der-reader.ts'
import { readOid } from './der-values.ts'
import { PkiError } from './error.ts'
import { type Extension, OID } from './extensions.ts'

/** What a peer finds wrong with an extension. */
export interface PeerFault {
  /** Whether Go does, and so istiod; else BoringSSL alone. */
  readonly byGo: boolean
  /** The rest of a sentence. */
  readonly message: string
}

type Judge = (value: DerReader, extension: Extension) => PeerFault | undefined

/** Extensions that say nothing to this program, and for which peers may refuse a certificate, critical or not. */
const JUDGES: readonly (readonly [oid: string, judge: Judge])[] = [
  [OID.certificatePolicies, judgePolicies],
  [OID.policyConstraints, judgePolicyConstraints],
  [OID.crlDistributionPoints, judgePoints],
]

/** Why Go or BoringSSL refuse every path with a certificate of these extensions; undefined where neither does. */
export function peerFaultOf(extensions: ReadonlyMap<string, Extension>): PeerFault | undefined {
  for (const [oid, judge] of JUDGES) {
    const extension = extensions.get(oid)
    const found = extension && faultOf(extension, judge)
    if (found !== undefined) return found
  }
  return undefined
}

function faultOf(extension: Extension, judge: Judge): PeerFault | undefined {
  const { oid } = extension
  try {
    const outer = new DerReader(extension.value, 'it')
    const inner = outer.enter(TAG.sequence, 'its value')
    outer.finish()
    return inner.done ? { byGo: false, message: `has the extension ${oid} without a value` } : judge(inner, extension)
  } catch (error) {
    if (error instanceof PkiError) return { byGo: true, message: `has a malformed extension ${oid}` }
    throw error
  }
}

function judgePolicies(policies: DerReader): PeerFault | undefined {
  const seen = new Set<string>()
  while (!policies.done) {
    const policy = policies.enter(TAG.sequence, 'a policy')
    const oid = readOid(policy, 'a policy')
    policy.skipWellFormed()
    if (seen.has(oid)) return { byGo: true, message: `has the certificate policy ${oid} twice` }
    seen.add(oid)
  }
  return undefined
}

/** An explicit policy would be required of every path, and certificates of workloads have none. */
function judgePolicyConstraints(constraints: DerReader): PeerFault | undefined {
  const required = constraints.nextIs(contextTag(0))
  constraints.skipWellFormed()
  if (!required) return undefined
  return { byGo: true, message: 'demands certificate policies (policyConstraints), which workloads do not have' }
}

function judgePoints(points: DerReader, { critical }: Extension): PeerFault | undefined {
  while (!points.done) points.enter(TAG.sequence, 'a point').skipWellFormed()
  return critical
    ? { byGo: false, message: 'has critical CRL distribution points, which Envoy does not know' }
    : undefined
}
