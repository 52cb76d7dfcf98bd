import { read, testClusterFacts } from '../testing/doctor-facts.ts'
import { testRows } from '../testing/doctor-rows.ts'

const ABSENT = { state: 'absent' } as const
const CRD_GOOD = testClusterFacts().crds
const APPROVER = 'system:serviceaccount:cert-manager:cert-manager'
const APPROVER_REMEDY =
  'apply config/rbac/approver.yaml, with the ServiceAccount of what approves (approver-policy has its own), or name another one with --approver'
const CRD_REMEDY =
  'install the CRDs of the version that runs (helm upgrade, or kubectl apply --server-side -f config/crd), or use the command line of that version'

testRows('installation', [
  {
    name: 'the API server does not answer',
    change: { certManager: { state: 'failed', message: 'the API server cannot be reached (ECONNREFUSED)' } },
    findings: [
      {
        code: 'ClusterUnreachable',
        where: 'east',
        what: 'the API server cannot be reached (ECONNREFUSED)',
        remedy: 'see that the context of the kubeconfig is right and its credentials are good (kubectl get ns)',
      },
    ],
  },
  {
    name: 'cert-manager is missing',
    change: { certManager: ABSENT },
    findings: [
      {
        code: 'CertManagerMissing',
        where: 'cert-manager.io/v1',
        what: 'cert-manager is not installed, so nothing asks for certificates',
        remedy: 'install cert-manager with its CRDs',
      },
    ],
  },
  {
    name: 'the CRD of a kind is missing',
    change: { crds: { ...CRD_GOOD, MeshCAClusterIssuer: ABSENT } },
    findings: [
      {
        code: 'CRDMissing',
        where: 'CustomResourceDefinition meshcaclusterissuers.meshca.dev',
        what: 'the kind MeshCAClusterIssuer is not installed, and cert-manager approves no request that names it',
        remedy: 'install the CRDs of mesh-ca-issuer (kubectl apply --server-side -f config/crd, or the chart)',
      },
    ],
  },
  {
    name: 'the schema is another one',
    change: { crds: { ...CRD_GOOD, MeshCAIssuer: read({ established: true, digest: '0123456789abcdef' }) } },
    findings: [
      {
        code: 'CRDOutdated',
        where: 'CustomResourceDefinition meshcaissuers.meshca.dev',
        what: 'its schema is not the one of this program, so fields may be dropped without a word',
        remedy: CRD_REMEDY,
      },
    ],
  },
  {
    name: 'our version is not served',
    change: { crds: { ...CRD_GOOD, MeshCAIssuer: read({ established: true, digest: undefined }) } },
    findings: [
      {
        code: 'CRDOutdated',
        where: 'CustomResourceDefinition meshcaissuers.meshca.dev',
        what: 'it does not serve the version of the API that this program knows',
        remedy: CRD_REMEDY,
      },
    ],
  },
  {
    name: 'the CRD is not established',
    change: { crds: { ...CRD_GOOD, MeshCAIssuer: read({ established: false, digest: undefined }) } },
    findings: [
      {
        code: 'CRDOutdated',
        where: 'CustomResourceDefinition meshcaissuers.meshca.dev',
        what: 'the API server has not taken it up',
        remedy: CRD_REMEDY,
      },
    ],
  },
  {
    name: 'nobody may approve for the kind, nor for the issuer',
    change: {
      approvals: [
        { kind: 'MeshCAIssuer', name: '*', allowed: read(false) },
        { kind: 'MeshCAIssuer', name: 'istio-system.mesh', allowed: read(false) },
      ],
    },
    findings: [
      {
        code: 'ApprovalForbidden',
        where: 'signers.cert-manager.io (meshcaissuers.meshca.dev/*)',
        what: `${APPROVER} may not approve requests to MeshCAIssuer istio-system.mesh, and without approval nothing is signed`,
        remedy: APPROVER_REMEDY,
      },
    ],
  },
  {
    name: 'a grant for the one issuer suffices',
    change: {
      approvals: [
        { kind: 'MeshCAIssuer', name: '*', allowed: read(false) },
        { kind: 'MeshCAIssuer', name: 'istio-system.mesh', allowed: read(true) },
        { kind: 'MeshCAClusterIssuer', name: '*', allowed: read(false) },
      ],
    },
    findings: [],
  },
])

testRows('rights', [
  {
    name: 'one is missing',
    change: { crds: { ...CRD_GOOD, MeshCAIssuer: { state: 'forbidden', right: 'get crds' } } },
    findings: [
      {
        code: 'RightMissing',
        where: 'get crds',
        what: "the kubeconfig's user may not do this, which leaves open whether the CRD of MeshCAIssuer is current",
        remedy: 'have a role grant it, or run this as somebody who may',
      },
    ],
  },
  {
    name: 'one that is missed twice is told once',
    change: {
      approvals: ['*', 'istio-system.mesh'].map((name) => ({
        kind: 'MeshCAIssuer' as const,
        name,
        allowed: { state: 'forbidden' as const, right: 'create reviews' },
      })),
    },
    findings: [
      {
        code: 'RightMissing',
        where: 'create reviews',
        what: "the kubeconfig's user may not do this, which leaves open whether requests can be approved",
        remedy: 'have a role grant it, or run this as somebody who may',
      },
    ],
  },
  {
    name: "issuers of istiod's namespace only",
    change: { narrowed: 'list all' },
    findings: [
      {
        code: 'RightMissing',
        where: 'list all',
        what: "the kubeconfig's user may not do this, which leaves open how MeshCAIssuers outside of namespace istio-system are doing",
        remedy: 'have a role grant it, or run this as somebody who may',
      },
    ],
  },
  {
    name: 'a question fails',
    change: { published: { state: 'failed', message: 'the API server did not answer in time' } },
    findings: [
      {
        code: 'QuestionFailed',
        where: 'API server',
        what: 'a question failed (the API server did not answer in time), which leaves open which roots istiod gives out',
        remedy: 'try again, and look at the API server where it goes on',
      },
    ],
  },
])
