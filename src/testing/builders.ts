import type { z } from 'zod'
import type { CertificateRequest } from '../api/certificate-request.ts'
import type { IssuerSpec, IssuerStatus, MeshCAClusterIssuer, MeshCAIssuer } from '../api/issuer.ts'
import type { KubernetesCsr } from '../api/kubernetes-csr.ts'
import type { ObjectMeta } from '../api/metadata.ts'
import { API_VERSION, CERT_MANAGER_API_VERSION, CLUSTER_ISSUER_KIND, GROUP, ISSUER_KIND } from '../api/names.ts'
import { issuerSpec } from '../api/schema/spec.ts'
import { formatTime } from '../api/time.ts'
import type { Authority } from '../backends/backend.ts'
import type { Facts, IssuerFacts, RequestFacts } from '../issuance/facts.ts'
import { makeBundle } from '../trust/bundle.ts'
import type { TestCertificate } from './certificate-options.ts'
import { TEST_NOW, testCa, testCsr } from './certificates.ts'

type Input = z.input<typeof issuerSpec>
/** As an owner writes it; what is undefined is left out. */
export type SpecInput = { readonly [K in keyof Input]?: Input[K] | undefined }

/** The subject and key of the CSR in `testFacts`. */
export const TEST_CSR = testCsr({ subject: 'CN=istiod-ca,O=Mesh' })
/** The root that signs in `testFacts`. */
export const TEST_ROOT = testCa({ subject: 'CN=Mesh Root' })

/** A spec with the schema's defaults and a CA in the Secret `ca`. */
export function testSpec(change: SpecInput = {}): IssuerSpec {
  const written = Object.entries({ ca: { secretRef: { name: 'ca' } }, ...change })
  return issuerSpec.parse(Object.fromEntries(written.filter(([, value]) => value !== undefined)))
}

/** The signer first, the root last. */
export function testAuthority(...path: readonly TestCertificate[]): Authority {
  const links = path.map(({ certificate }) => certificate)
  const [certificate, root] = [links[0], links.at(-1)]
  if (certificate === undefined || root === undefined) throw new Error('an authority has at least a root')
  return { certificate, chain: links.length === 1 ? links : links.slice(0, -1), root }
}

/** An approved request for a mesh CA in namespace istio-system. */
export function testRequestFacts(change: Partial<RequestFacts> = {}): RequestFacts {
  return {
    form: 'CertificateRequest',
    uid: 'uid-1',
    namespace: 'istio-system',
    requester: 'system:serviceaccount:cert-manager:cert-manager',
    approvedAt: TEST_NOW,
    csr: TEST_CSR.csrPem,
    isCA: true,
    usages: ['digital signature', 'cert sign'],
    duration: '720h',
    pathLengthWish: undefined,
    ...change,
  }
}

export function testReadiness(authority: Authority): IssuerFacts['readiness'] {
  return { ready: true, authority, bundle: makeBundle([authority.root]) }
}

export interface FactsChange {
  readonly request?: Partial<RequestFacts>
  readonly spec?: SpecInput
  readonly issuer?: Partial<IssuerFacts>
  readonly facts?: Partial<Facts>
}

/** Good facts: a first mesh CA from a ready issuer whose root signs. */
export function testFacts({ request, spec, issuer, facts }: FactsChange = {}): Facts {
  return {
    request: testRequestFacts(request),
    issuerTitle: 'MeshCAIssuer istio-system/mesh',
    issuer: {
      clusterScoped: false,
      spec: testSpec(spec),
      readiness: testReadiness(testAuthority(TEST_ROOT)),
      ...issuer,
    },
    namespaceLabels: {},
    own: undefined,
    others: [],
    clusterId: 'cluster-1',
    ticket: undefined,
    knownCsr: undefined,
    base: TEST_NOW,
    now: TEST_NOW,
    ...facts,
  }
}

function meta(name: string): ObjectMeta & { readonly generation: number } {
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: '7',
    generation: 1,
    creationTimestamp: formatTime(TEST_NOW - 60_000),
    annotations: {},
    labels: {},
    ownerReferences: [],
  }
}

interface ObjectChange<T extends { readonly metadata: object }> {
  readonly metadata?: Partial<T['metadata']>
}

/** A MeshCAIssuer `istio-system/mesh` without a status. */
export function testIssuer(
  change: ObjectChange<MeshCAIssuer> & { readonly spec?: SpecInput; readonly status?: IssuerStatus } = {},
): MeshCAIssuer {
  return {
    apiVersion: API_VERSION,
    kind: ISSUER_KIND,
    metadata: { ...meta('mesh'), namespace: 'istio-system', ...change.metadata },
    spec: testSpec(change.spec),
    status: change.status ?? {},
  }
}

/** A MeshCAClusterIssuer `mesh` that serves every namespace. */
export function testClusterIssuer(
  change: ObjectChange<MeshCAClusterIssuer> & { readonly spec?: SpecInput } = {},
): MeshCAClusterIssuer {
  return {
    apiVersion: API_VERSION,
    kind: CLUSTER_ISSUER_KIND,
    metadata: { ...meta('mesh'), ...change.metadata },
    spec: testSpec({ allowedNamespaces: { selector: {} }, ...change.spec }),
    status: {},
  }
}

/** The UID of the Certificate that controls the request of `testCertificateRequest`. */
const TEST_OWNER = 'uid-of-the-certificate'

/** An approved CertificateRequest `istio-system/istio-ca-1` that names MeshCAIssuer `mesh`. */
export function testCertificateRequest(
  change: ObjectChange<CertificateRequest> & {
    readonly spec?: Partial<CertificateRequest['spec']>
    readonly status?: Partial<CertificateRequest['status']>
  } = {},
): CertificateRequest {
  const owner = { apiVersion: CERT_MANAGER_API_VERSION, kind: 'Certificate', name: 'istio-ca', uid: TEST_OWNER }
  return {
    metadata: {
      ...meta('istio-ca-1'),
      namespace: 'istio-system',
      ownerReferences: [{ ...owner, controller: true }],
      ...change.metadata,
    },
    spec: {
      request: base64(TEST_CSR.csrPem),
      isCA: true,
      usages: ['digital signature', 'cert sign'],
      duration: '720h',
      issuerRef: { group: GROUP, kind: ISSUER_KIND, name: 'mesh' },
      username: 'system:serviceaccount:cert-manager:cert-manager',
      ...change.spec,
    },
    status: {
      conditions: [{ type: 'Approved', status: 'True', lastTransitionTime: formatTime(TEST_NOW) }],
      ...change.status,
    },
  }
}

/** An approved Kubernetes CSR `node-1` for the cluster issuer `mesh`. */
export function testKubernetesCsr(
  change: ObjectChange<KubernetesCsr> & {
    readonly spec?: Partial<KubernetesCsr['spec']>
    readonly status?: Partial<KubernetesCsr['status']>
  } = {},
): KubernetesCsr {
  return {
    metadata: { ...meta('node-1'), ...change.metadata },
    spec: {
      request: base64(TEST_CSR.csrPem),
      signerName: 'meshcaclusterissuers.meshca.dev/mesh',
      usages: ['digital signature', 'client auth'],
      username: 'system:serviceaccount:team-a:builder',
      ...change.spec,
    },
    status: {
      conditions: [{ type: 'Approved', status: 'True', lastTransitionTime: formatTime(TEST_NOW) }],
      ...change.status,
    },
  }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
