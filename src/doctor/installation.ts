import { GROUP, type IssuerKind, PLURALS } from '../api/names.ts'
import { type Answer, known } from './answer.ts'
import { CRD_DIGESTS } from './crd.ts'
import type { ClusterFacts } from './facts.ts'
import { type Finding, finding } from './finding.ts'

const KINDS: readonly IssuerKind[] = ['MeshCAIssuer', 'MeshCAClusterIssuer']

/** What could not be looked at, each once; everything else is then judged without it. */
export function unansweredFindings(facts: ClusterFacts): readonly Finding[] {
  const { namespace } = facts
  const narrowed = facts.narrowed === undefined ? undefined : ({ state: 'forbidden', right: facts.narrowed } as const)
  const questions: readonly (readonly [Answer<unknown> | undefined, string])[] = [
    [facts.certManager, 'whether cert-manager is installed'],
    ...KINDS.map((kind) => [facts.crds[kind], `whether the CRD of ${kind} is current`] as const),
    ...facts.approvals.map(({ allowed }) => [allowed, 'whether requests can be approved'] as const),
    ...KINDS.map((kind) => [facts.issuers[kind], `how the ${kind}s are doing`] as const),
    [facts.certificates, `how the Certificates of namespace ${namespace} are doing`],
    [facts.requests, `what the requests of namespace ${namespace} wait for`],
    [facts.cacerts, 'what istiod loads'],
    [facts.selfSigned, 'whether istiod made its own root'],
    [facts.published, 'which roots istiod gives out'],
    [narrowed, `how MeshCAIssuers outside of namespace ${namespace} are doing`],
  ]
  const findings = questions.flatMap(([answer, what]) => unanswered(answer, what))
  return [...new Map(findings.map((one) => [one.code === 'RightMissing' ? one.where : one.what, one])).values()]
}

function unanswered(answer: Answer<unknown> | undefined, what: string): readonly Finding[] {
  if (answer?.state === 'forbidden') {
    return [
      finding('RightMissing', {
        where: answer.right,
        what: `the kubeconfig's user may not do this, which leaves open ${what}`,
        remedy: 'have a role grant it, or run this as somebody who may',
      }),
    ]
  }
  if (answer?.state !== 'failed') return []
  return [
    finding('QuestionFailed', {
      where: 'API server',
      what: `a question failed (${answer.message}), which leaves open ${what}`,
      remedy: 'try again, and look at the API server where it goes on',
    }),
  ]
}

/** Whether what issues certificates is there, current, and let do its work. */
export function installationFindings(facts: ClusterFacts): readonly Finding[] {
  return [
    ...certManagerFindings(facts),
    ...KINDS.flatMap((kind) => [...crdFindings(kind, facts), ...approvalFindings(kind, facts)]),
  ]
}

function certManagerFindings({ certManager }: ClusterFacts): readonly Finding[] {
  if (certManager.state !== 'absent') return []
  return [
    finding('CertManagerMissing', {
      where: 'cert-manager.io/v1',
      what: 'cert-manager is not installed, so nothing asks for certificates',
      remedy: 'install cert-manager with its CRDs',
    }),
  ]
}

function crdFindings(kind: IssuerKind, { crds, issuers }: ClusterFacts): readonly Finding[] {
  const where = `CustomResourceDefinition ${PLURALS[kind]}.${GROUP}`
  const crd = crds[kind]
  if (crd.state === 'absent' || issuers[kind].state === 'absent') {
    return [
      finding('CRDMissing', {
        where,
        what: `the kind ${kind} is not installed, and cert-manager approves no request that names it`,
        remedy: 'install the CRDs of mesh-ca-issuer (kubectl apply --server-side -f config/crd, or the chart)',
      }),
    ]
  }
  if (crd.state !== 'read') return []
  const { established, digest } = crd.value
  if (established && digest === CRD_DIGESTS[kind]) return []
  return [
    finding('CRDOutdated', {
      where,
      what: !established
        ? 'the API server has not taken it up'
        : digest === undefined
          ? 'it does not serve the version of the API that this program knows'
          : 'its schema is not the one of this program, so fields may be dropped without a word',
      remedy:
        'install the CRDs of the version that runs (helm upgrade, or kubectl apply --server-side -f config/crd), or use the command line of that version',
    }),
  ]
}

/** One grant for the whole kind suffices; without it each issuer needs its own. */
function approvalFindings(kind: IssuerKind, { approvals, approver, issuers }: ClusterFacts): readonly Finding[] {
  const refused = approvals.filter((one) => one.kind === kind && known(one.allowed) === false).map(({ name }) => name)
  const single = refused.filter((name) => name !== '*')
  const has = (other: IssuerKind): boolean => (known(issuers[other]) ?? []).length > 0
  const concerns = has(kind) ? single.length > 0 : !KINDS.some(has)
  if (!refused.includes('*') || !concerns) return []
  const signer = `${PLURALS[kind]}.${GROUP}`
  const whom = single.length === 0 ? `any ${kind}` : `${kind} ${single.join(', ')}`
  return [
    finding('ApprovalForbidden', {
      where: `signers.cert-manager.io (${signer}/*)`,
      what: `${approver} may not approve requests to ${whom}, and without approval nothing is signed`,
      remedy: `apply config/rbac/approver.yaml, with the ServiceAccount of what approves (approver-policy has its own), or name another one with --approver`,
    }),
  ]
}
