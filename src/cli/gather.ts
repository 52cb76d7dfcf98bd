import { readCertificateRequest } from '../api/certificate-request.ts'
import { type Issuer, readIssuer } from '../api/issuer.ts'
import {
  CERT_MANAGER_API_VERSION,
  CLUSTER_ISSUER_KIND,
  GROUP,
  ISSUER_KIND,
  type IssuerKind,
  PLURALS,
} from '../api/names.ts'
import { readObject, readString } from '../api/read.ts'
import { type Answer, known } from '../doctor/answer.ts'
import { readCertificate } from '../doctor/certificate-facts.ts'
import { CACERTS } from '../doctor/certificate-settings.ts'
import { readCrd } from '../doctor/crd.ts'
import type { ClusterFacts } from '../doctor/facts.ts'
import { PUBLISHED, publishesCacerts, SELF_SIGNED } from '../doctor/istiod-findings.ts'
import { readSecret } from '../doctor/secret.ts'
import { type Account, approvals, userOf } from './approvals.ts'
import { ask } from './ask.ts'
import type { Cluster } from './clusters.ts'
import { listOf } from './list.ts'
import { certManagerObjects, coreObject, issuers } from './paths.ts'
import { type Endpoint, servedChain } from './served.ts'

export interface GatherOptions {
  /** Of istiod. */
  readonly namespace: string
  readonly approver: Account
  /** Where to shake hands with istiod. */
  readonly istiod: Omit<Endpoint, 'serverName'> | undefined
}

/** Reads what there is to know of a cluster, with the caller's rights; what may not be read is told as such. */
export async function gather(cluster: Cluster, options: GatherOptions): Promise<ClusterFacts> {
  const { client } = cluster
  const { namespace, approver } = options
  const base = { cluster: cluster.name, namespace, approver: userOf(approver) }
  const certManager = await ask(client, {
    path: `/apis/${CERT_MANAGER_API_VERSION}`,
    right: `get /apis/${CERT_MANAGER_API_VERSION}`,
    read: () => true as const,
  })
  // A cluster that does not answer is not asked again: each call would wait as long.
  if (certManager.state === 'failed') return { ...base, certManager, ...unreached(certManager) }
  const [crds, listed, istiod] = await Promise.all([
    byKind((kind) => ask(client, crd(kind))),
    listIssuers(cluster, namespace),
    readIstiod(cluster, options),
  ])
  return {
    ...base,
    certManager,
    crds,
    ...listed,
    ...istiod,
    approvals: await approvals(client, approver, listed.issuers),
  }
}

type Reached = Omit<ClusterFacts, 'cluster' | 'namespace' | 'approver' | 'certManager'>

function unreached(failed: Answer<never>): Reached {
  const kinds = { [ISSUER_KIND]: failed, [CLUSTER_ISSUER_KIND]: failed }
  return {
    crds: kinds,
    approvals: [],
    issuers: kinds,
    narrowed: undefined,
    certificates: failed,
    requests: failed,
    cacerts: failed,
    selfSigned: undefined,
    published: failed,
    served: undefined,
  }
}

async function byKind<T>(of: (kind: IssuerKind) => Promise<T>): Promise<Readonly<Record<IssuerKind, T>>> {
  const [own, cluster] = await Promise.all([of(ISSUER_KIND), of(CLUSTER_ISSUER_KIND)])
  return { [ISSUER_KIND]: own, [CLUSTER_ISSUER_KIND]: cluster }
}

function crd(kind: IssuerKind) {
  const name = `${PLURALS[kind]}.${GROUP}`
  return {
    path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
    right: `get customresourcedefinitions.apiextensions.k8s.io (${name})`,
    read: readCrd,
  }
}

/** The issuers of all namespaces, or those of istiod's where only these may be listed. */
async function listIssuers(
  { client }: Cluster,
  namespace: string,
): Promise<Pick<ClusterFacts, 'issuers' | 'narrowed'>> {
  const list = (kind: IssuerKind, place?: string): Promise<Answer<readonly Issuer[]>> =>
    ask(client, { ...issuers(kind, place), read: listOf(readIssuer, kind) })
  const all = await byKind((kind) => list(kind))
  const own = all[ISSUER_KIND]
  if (own.state !== 'forbidden') return { issuers: all, narrowed: undefined }
  const narrow = await list(ISSUER_KIND, namespace)
  const narrowed = narrow.state === 'read' ? own.right : undefined
  return { issuers: { ...all, [ISSUER_KIND]: narrow }, narrowed }
}

type IstiodFacts = Pick<ClusterFacts, 'certificates' | 'requests' | 'cacerts' | 'selfSigned' | 'published' | 'served'>

async function readIstiod({ client }: Cluster, { namespace, istiod }: GatherOptions): Promise<IstiodFacts> {
  const secret = (name: string) => ask(client, { ...coreObject(namespace, 'secrets', name), read: readSecret })
  const [certificates, requests, cacerts, published, served] = await Promise.all([
    ask(client, { ...certManagerObjects('certificates', namespace), read: listOf(readCertificate) }),
    ask(client, { ...certManagerObjects('certificaterequests', namespace), read: listOf(readCertificateRequest) }),
    secret(CACERTS),
    ask(client, { ...coreObject(namespace, 'configmaps', PUBLISHED.name), read: readPublished }),
    istiod && servedChain({ ...istiod, serverName: `istiod.${namespace}.svc` }),
  ])
  const data = known(cacerts)?.data
  const explained = publishesCacerts(known(published), data?.['ca.crt'] ?? data?.['root-cert.pem'])
  // A key of a root lies in it, so it is read only where something has to be explained.
  const selfSigned = cacerts.state === 'absent' || !explained ? await secret(SELF_SIGNED.name) : undefined
  return { certificates, requests, cacerts, selfSigned, published, served }
}

function readPublished(object: unknown): string | undefined {
  const data = readObject(readObject(object)?.data)
  return data === undefined ? undefined : readString(data[PUBLISHED.key])
}
