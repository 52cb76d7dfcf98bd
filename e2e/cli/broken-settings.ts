import { meshCertificate } from '../harness/objects.ts'
import type { KubeObject } from '../lab/kube-objects.ts'

/** A Certificate with one broken setting, in a namespace of its own, and what must be found there. */
export interface BrokenSetting {
  readonly namespace: string
  readonly certificate: (namespace: string) => KubeObject
  readonly code: string
}

function certificate(spec: Readonly<Record<string, unknown>>, annotations?: Readonly<Record<string, string>>) {
  return (namespace: string): KubeObject =>
    meshCertificate({
      namespace,
      name: 'cacerts',
      issuerName: 'mesh',
      issuerKind: 'MeshCAClusterIssuer',
      spec,
      ...(annotations === undefined ? {} : { annotations }),
    })
}

const key = { algorithm: 'ECDSA', size: 256 }

/** cert-manager's webhook takes all of these. */
export const BROKEN_SETTINGS: readonly BrokenSetting[] = [
  { namespace: 'is-no-ca', certificate: certificate({ isCA: false }), code: 'IsCAMissing' },
  { namespace: 'no-cert-sign', certificate: certificate({ usages: ['digital signature'] }), code: 'CertSignMissing' },
  {
    namespace: 'extended-usages',
    certificate: certificate({ usages: ['cert sign', 'server auth'] }),
    code: 'ExtendedUsages',
  },
  {
    namespace: 'temporary',
    certificate: certificate({}, { 'cert-manager.io/issue-temporary-certificate': 'true' }),
    code: 'TemporaryCertificate',
  },
  {
    namespace: 'same-key',
    certificate: certificate({ privateKey: { ...key, rotationPolicy: 'Never' } }),
    code: 'KeyNeverChanges',
  },
  {
    namespace: 'short',
    certificate: certificate({ duration: '36h', renewBefore: '12h' }),
    code: 'DurationTooShort',
  },
  { namespace: 'late', certificate: certificate({ renewBefore: '12h' }), code: 'RenewsTooLate' },
  {
    namespace: 'often',
    certificate: certificate({ duration: '168h', renewBefore: '162h' }),
    code: 'RenewsTooOften',
  },
  { namespace: 'other-secret', certificate: certificate({ secretName: 'istio-ca' }), code: 'SecretNameOther' },
  {
    namespace: 'no-issuer',
    certificate: certificate({ issuerRef: { group: 'meshca.dev', kind: 'MeshCAClusterIssuer', name: 'nowhere' } }),
    code: 'IssuerNotFound',
  },
  {
    namespace: 'no-group',
    certificate: certificate({ issuerRef: { kind: 'ClusterIssuer', name: 'mesh' } }),
    code: 'IssuerRefWrong',
  },
  {
    namespace: 'foreign',
    certificate: certificate({ issuerRef: { kind: 'ClusterIssuer', name: 'vault' } }),
    code: 'IssuerOther',
  },
]
