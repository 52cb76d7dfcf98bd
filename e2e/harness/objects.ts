import type { KubeObject } from '../lab/kube-objects.ts'
import type { Authority } from '../lab/pki.ts'

/** A kubernetes.io/tls Secret with a CA, as `spec.ca.secretRef` wants it. */
export function caSecret(
  namespace: string,
  name: string,
  authority: Authority,
): KubeObject & { readonly stringData: object } {
  const chain = authority.chainPem === '' ? authority.certificatePem : authority.chainPem
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    ...{ type: 'kubernetes.io/tls' },
    stringData: { 'tls.crt': chain, 'tls.key': authority.keyPem, 'ca.crt': authority.rootPem },
  }
}

export interface IssuerFixture {
  readonly namespace?: string
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
}

/** A MeshCAIssuer where a namespace is given, else a MeshCAClusterIssuer. */
export function issuer({ namespace, name, spec }: IssuerFixture): KubeObject & { readonly spec: object } {
  return {
    apiVersion: 'meshca.dev/v1alpha1',
    kind: namespace === undefined ? 'MeshCAClusterIssuer' : 'MeshCAIssuer',
    metadata: { ...(namespace === undefined ? {} : { namespace }), name },
    spec,
  }
}

export interface CertificateFixture {
  readonly namespace: string
  readonly name: string
  readonly issuerName: string
  readonly issuerKind?: string
  /** Over the defaults of a mesh CA. */
  readonly spec?: Readonly<Record<string, unknown>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** The Certificate of an istiod CA. */
export function meshCertificate(fixture: CertificateFixture): KubeObject & { readonly spec: object } {
  const { namespace, name, issuerName, issuerKind = 'MeshCAIssuer', spec = {}, annotations } = fixture
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { namespace, name, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      isCA: true,
      commonName: `${name}.${namespace}`,
      subject: { organizations: ['mesh'] },
      secretName: name,
      duration: '2160h',
      renewBefore: '720h',
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      usages: ['cert sign', 'crl sign', 'digital signature'],
      issuerRef: { group: 'meshca.dev', kind: issuerKind, name: issuerName },
      ...spec,
    },
  }
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}
