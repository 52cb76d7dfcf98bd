import { read, testCertificateFacts, testReadyIssuer } from '../testing/doctor-facts.ts'
import { testRows } from '../testing/doctor-rows.ts'
import type { ClusterFacts } from './facts.ts'

const certificate = (change: Parameters<typeof testCertificateFacts>[0]): Partial<ClusterFacts> => ({
  certificates: read([testCertificateFacts(change)]),
})

const AT = 'Certificate istio-system/cacerts'

const issuer = (change: Parameters<typeof testReadyIssuer>[0]): Partial<ClusterFacts> => ({
  issuers: { MeshCAIssuer: read([testReadyIssuer(change)]), MeshCAClusterIssuer: read([]) },
})

const NO_ISSUERS = { MeshCAIssuer: read([]), MeshCAClusterIssuer: read([]) }

const ref = (issuerRef: object): Partial<ClusterFacts> => certificate({ spec: { issuerRef } })
const REF = `${AT}, spec.issuerRef`
const FULL = 'write group: meshca.dev together with kind: MeshCAIssuer or MeshCAClusterIssuer'

testRows('issuerRef', [
  {
    name: 'our group without a kind',
    change: ref({ group: 'meshca.dev', name: 'mesh' }),
    findings: [
      {
        code: 'IssuerRefWrong',
        where: REF,
        what: 'group "meshca.dev" has no kind "", so the request is neither approved nor refused and waits for ever',
        remedy: FULL,
      },
    ],
  },
  {
    name: 'our kind without a group',
    change: ref({ kind: 'MeshCAIssuer', name: 'mesh' }),
    findings: [
      {
        code: 'IssuerRefWrong',
        where: REF,
        what: 'group "" has no kind "MeshCAIssuer", so the request is neither approved nor refused and waits for ever',
        remedy: FULL,
      },
    ],
  },
  {
    name: 'the name alone, which an issuer of ours has',
    change: ref({ name: 'mesh' }),
    findings: [
      {
        code: 'IssuerRefWrong',
        where: REF,
        what: "without a group it names cert-manager's own issuer mesh, and not MeshCAIssuer istio-system/mesh",
        remedy: FULL,
      },
    ],
  },
  {
    name: "cert-manager's own issuer",
    change: ref({ kind: 'ClusterIssuer', name: 'vault' }),
    findings: [
      {
        code: 'IssuerOther',
        where: REF,
        what: 'ClusterIssuer vault is not one of mesh-ca-issuer, so nobody proves that the CA works in istiod and that ca.crt keeps its bytes',
        remedy: 'use an issuer of group meshca.dev, or verify the Secret behind each renewal',
      },
    ],
  },
  {
    name: 'an issuer that does not exist',
    change: ref({ group: 'meshca.dev', kind: 'MeshCAIssuer', name: 'other' }),
    findings: [
      {
        code: 'IssuerNotFound',
        where: REF,
        what: 'MeshCAIssuer other does not exist in namespace istio-system',
        remedy: 'create it, or correct the reference',
      },
    ],
  },
  {
    name: 'a cluster issuer that does not exist',
    change: ref({ group: 'meshca.dev', kind: 'MeshCAClusterIssuer', name: 'mesh' }),
    findings: [
      {
        code: 'IssuerNotFound',
        where: REF,
        what: 'MeshCAClusterIssuer mesh does not exist',
        remedy: 'create it, or correct the reference',
      },
    ],
  },
  {
    name: 'issuers that may not be listed are not called missing',
    change: { issuers: { ...NO_ISSUERS, MeshCAIssuer: { state: 'forbidden', right: 'list issuers' } } },
    findings: [
      {
        code: 'RightMissing',
        where: 'list issuers',
        what: "the kubeconfig's user may not do this, which leaves open how the MeshCAIssuers are doing",
        remedy: 'have a role grant it, or run this as somebody who may',
      },
    ],
  },
  {
    name: 'an issuer for an istiod elsewhere',
    change: issuer({ spec: { mesh: { namespace: 'istio-west' } } }),
    findings: [
      {
        code: 'MeshNamespaceOther',
        where: REF,
        what: 'MeshCAIssuer mesh proves CAs for an istiod in namespace istio-west, and this one is for namespace istio-system',
        remedy: 'set mesh.namespace: istio-system in the issuer, or look at the other namespace with --namespace',
      },
    ],
  },
])
