import 'reflect-metadata'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import type { Kube } from './kube.ts'
import { newKeys, privateKeyPem } from './pki.ts'

const SERVICE = 'istio.v1.auth.IstioCertificateService'
const DEADLINE_MS = 15_000
const LIFETIME_SECONDS = 24 * 3600
/** Name that istiod's serving certificate is checked for. */
const ISTIOD_NAME = 'istiod.istio-system.svc'

/** What a workload gets from istiod. */
export interface WorkloadIdentity {
  readonly spiffeId: string
  readonly keyPem: string
  /** Elements as istiod answered them, without the last: the leaf, then what is above it. */
  readonly chain: readonly string[]
  /** Last element of the answer: the trust anchors. */
  readonly rootPem: string
}

export interface WorkloadRequest {
  /** `host:port` of istiod's TLS port. */
  readonly secureAddress: string
  /** Token of the workload's ServiceAccount for audience `istio-ca`. */
  readonly token: string
  /** Roots that istiod's own certificate must chain to: a Secret's ca.crt. */
  readonly trustPem: string
  readonly namespace: string
  readonly serviceAccount: string
  /** Default `cluster.local`. */
  readonly trustDomain?: string
}

/** What a workload presents: Istio's agent presents every element of istiod's answer but trusts only the last. */
export function presentedPem({ chain, rootPem }: WorkloadIdentity): string {
  return [...chain, rootPem].map((pem) => `${pem.trim()}\n`).join('')
}

/** Token of a ServiceAccount for istiod; the ServiceAccount is created when it is missing. */
export async function workloadToken(kube: Kube, namespace: string, serviceAccount: string): Promise<string> {
  await kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace } })
  return kube.serviceAccountToken({ namespace, name: serviceAccount, audiences: ['istio-ca'] })
}

/** Has istiod sign a certificate for a fresh key over its certificate service, as an agent does. */
export async function requestWorkloadCertificate(request: WorkloadRequest): Promise<WorkloadIdentity> {
  const { namespace, serviceAccount, trustDomain = 'cluster.local' } = request
  const spiffeId = `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`
  const keys = await newKeys()
  const csr = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'url', value: spiffeId }])],
  })
  const answer = await createCertificate(request, csr.toString('pem'))
  const rootPem = answer.at(-1)
  if (rootPem === undefined || answer.length < 2)
    throw new Error('istiod answered without a chain and its trust anchors.')
  return { spiffeId, keyPem: await privateKeyPem(keys.privateKey), chain: answer.slice(0, -1), rootPem }
}

async function createCertificate(request: WorkloadRequest, csr: string): Promise<readonly string[]> {
  const method = createCertificateMethod()
  const client = new Client(request.secureAddress, credentials.createSsl(Buffer.from(request.trustPem)), {
    'grpc.ssl_target_name_override': ISTIOD_NAME,
    'grpc.default_authority': ISTIOD_NAME,
    'grpc.enable_http_proxy': 0,
  })
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${request.token}`)
  const call = promisify((question: object, done: (error: ServiceError | null, answer?: object) => void) =>
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      question,
      metadata,
      { deadline: Date.now() + DEADLINE_MS },
      done,
    ),
  )
  try {
    return chainOf(await call({ csr, validityDuration: LIFETIME_SECONDS }))
  } finally {
    client.close()
  }
}

function createCertificateMethod(): MethodDefinition<object, object> {
  const service = loadSync(join(import.meta.dirname, 'istio-ca.proto'))[SERVICE]
  if (service === undefined || 'format' in service) throw new Error(`istio-ca.proto does not define ${SERVICE}.`)
  const method = service.CreateCertificate
  if (method === undefined) throw new Error(`istio-ca.proto does not define CreateCertificate.`)
  return method
}

function chainOf(answer: object | undefined): readonly string[] {
  const chain: unknown = answer !== undefined && 'certChain' in answer ? answer.certChain : undefined
  return Array.isArray(chain) ? chain.map(String) : []
}
