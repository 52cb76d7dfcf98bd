/** A CA whose key lies in a kubernetes.io/tls Secret. */
export interface LocalConfig {
  readonly kind: 'local'
  /** `tls.crt`, PEM: the CA certificate, then its chain. */
  readonly certificates: string
  /** `tls.key`, PEM: PKCS#8, PKCS#1 or SEC 1. */
  readonly privateKey: string
  /** `ca.crt`, PEM: the root, where the chain ends below it. */
  readonly roots?: string
}
