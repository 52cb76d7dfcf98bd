import type { CertificateRequest } from '../api/certificate-request.ts'
import type { IssuerStatus, MeshCAIssuer } from '../api/issuer.ts'
import { formatTime } from '../api/time.ts'
import type { Answer } from '../doctor/answer.ts'
import { type CertificateFacts, readCertificate } from '../doctor/certificate-facts.ts'
import { CRD_DIGESTS } from '../doctor/crd.ts'
import type { ClusterFacts } from '../doctor/facts.ts'
import { type SpecInput, testCertificateRequest, testIssuer } from './builders.ts'
import type { TestCertificate } from './certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from './certificates.ts'

const DAY_MS = 86_400_000

export const DOCTOR_ROOT = testCa({ subject: 'CN=Mesh Root' })
export const DOCTOR_CA = testIntermediate(DOCTOR_ROOT, { subject: 'CN=istiod.east' })

export function read<T>(value: T): Answer<T> {
  return { state: 'read', value }
}

/** The data of a Secret `cacerts`: istiod's CA, and its roots. */
export function cacertsData(
  ca: TestCertificate,
  ...roots: readonly TestCertificate[]
): Readonly<Record<string, string>> {
  const pem = roots.map(({ certificatePem }) => certificatePem).join('')
  return { 'tls.crt': ca.certificatePem, 'tls.key': ca.privateKeyPem, 'ca.crt': pem }
}

export interface CertificateChange {
  readonly name?: string
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
  readonly annotations?: Readonly<Record<string, string>>
}

const SPEC = {
  isCA: true,
  commonName: 'istiod.east',
  secretName: 'cacerts',
  duration: '2160h',
  renewBefore: '720h',
  usages: ['digital signature', 'cert sign', 'crl sign'],
  privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
  issuerRef: { group: 'meshca.dev', kind: 'MeshCAIssuer', name: 'mesh' },
}

const STATUS = {
  conditions: [{ type: 'Ready', status: 'True' }],
  revision: 1,
  notAfter: formatTime(TEST_NOW + 89 * DAY_MS),
  renewalTime: formatTime(TEST_NOW + 59 * DAY_MS),
}

/** The Certificate of istiod's CA as the API server gives it out, read; good unless something is changed. */
export function testCertificateFacts(change: CertificateChange = {}): CertificateFacts {
  const { name = 'cacerts', spec, status, annotations = {} } = change
  const metadata = { namespace: 'istio-system', name, uid: name, resourceVersion: '1', annotations }
  const facts = readCertificate({
    metadata: { ...metadata, creationTimestamp: formatTime(TEST_NOW - DAY_MS) },
    spec: { ...SPEC, ...spec },
    status: { ...STATUS, ...status },
  })
  if (facts === undefined) throw new Error('the Certificate of a test is incomplete')
  return facts
}

export interface IssuerChange {
  readonly spec?: SpecInput
  readonly conditions?: IssuerStatus['conditions']
  readonly authorityEnds?: number
  readonly generation?: number
}

/** A MeshCAIssuer `istio-system/mesh` that has been checked and is ready. */
export function testReadyIssuer(change: IssuerChange = {}): MeshCAIssuer {
  const { spec = {}, conditions = [issuerCondition('Ready', 'True')], authorityEnds, generation = 1 } = change
  const { certificate } = DOCTOR_ROOT
  const authority = {
    subject: certificate.subject.text,
    serialNumber: certificate.serialNumber,
    fingerprint: certificate.fingerprint,
    notBefore: formatTime(certificate.notBefore),
    notAfter: formatTime(authorityEnds ?? certificate.notAfter),
    key: certificate.publicKey.description,
    rootFingerprint: certificate.fingerprint,
  }
  const status: IssuerStatus = { conditions, backend: 'CA', root: certificate.fingerprint.slice(0, 16), authority }
  return testIssuer({ spec, status, metadata: { generation } })
}

export function issuerCondition(
  type: string,
  status: 'True' | 'False',
  message = 'the issuer can sign',
): NonNullable<IssuerStatus['conditions']>[number] {
  const reason = status === 'True' ? 'Checked' : 'Broken'
  return { type, status, reason, message, lastTransitionTime: formatTime(TEST_NOW), observedGeneration: 1 }
}

/** A request of the Certificate `cacerts` that is an hour old. */
export function testOwnedRequest(status: CertificateRequest['status']): CertificateRequest {
  const owner = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', name: 'cacerts', uid: 'cacerts' }
  return testCertificateRequest({
    metadata: {
      name: 'cacerts-2',
      creationTimestamp: formatTime(TEST_NOW - 3_600_000),
      ownerReferences: [{ ...owner, controller: true }],
    },
    status,
  })
}

/** A cluster with nothing wrong. */
export function testClusterFacts(change: Partial<ClusterFacts> = {}): ClusterFacts {
  const crd = (digest: string) => read({ established: true, digest })
  return {
    cluster: 'east',
    namespace: 'istio-system',
    certManager: read(true),
    crds: { MeshCAIssuer: crd(CRD_DIGESTS.MeshCAIssuer), MeshCAClusterIssuer: crd(CRD_DIGESTS.MeshCAClusterIssuer) },
    approvals: [
      { kind: 'MeshCAIssuer', name: '*', allowed: read(true) },
      { kind: 'MeshCAClusterIssuer', name: '*', allowed: read(true) },
    ],
    approver: 'system:serviceaccount:cert-manager:cert-manager',
    issuers: { MeshCAIssuer: read([testReadyIssuer()]), MeshCAClusterIssuer: read([]) },
    narrowed: undefined,
    certificates: read([testCertificateFacts()]),
    requests: read([]),
    cacerts: read({ type: 'kubernetes.io/tls', data: cacertsData(DOCTOR_CA, DOCTOR_ROOT) }),
    selfSigned: undefined,
    published: read(DOCTOR_ROOT.certificatePem),
    served: undefined,
    ...change,
  }
}
