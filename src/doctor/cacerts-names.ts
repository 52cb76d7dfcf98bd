/** The names under which istiod looks for its CA; the first set that has its certificate wins (istio_ca.go). */
export interface EntryNames {
  readonly format: 'cert-manager' | 'Istio' | 'PEM'
  readonly certificate: string
  readonly key: string
  /** What istiod hands to workloads, beside the roots. */
  readonly chain: string
  readonly roots: string
}

export const CERT_MANAGER_NAMES: EntryNames = {
  format: 'cert-manager',
  certificate: 'tls.crt',
  key: 'tls.key',
  chain: 'tls.crt',
  roots: 'ca.crt',
}

export const ISTIO_NAMES: EntryNames = {
  format: 'Istio',
  certificate: 'ca-cert.pem',
  key: 'ca-key.pem',
  chain: 'cert-chain.pem',
  roots: 'root-cert.pem',
}

/** For loose files, which have no such names: what each part is. */
export const PART_NAMES: EntryNames = {
  format: 'PEM',
  certificate: 'the chain',
  key: 'the key',
  chain: 'the chain',
  roots: 'the list of roots',
}
