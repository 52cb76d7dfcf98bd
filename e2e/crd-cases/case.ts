/** Changes to a good issuer, one a row, and all that the API server says to each. */
export interface RuleCase {
  readonly kind: 'MeshCAIssuer' | 'MeshCAClusterIssuer'
  /** Taken over into the good spec; undefined takes a member away. */
  readonly spec: Readonly<Record<string, unknown>>
  /** `path: message`, each. */
  readonly refusals: readonly string[]
}

export const ARN =
  'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555'
export const SHA256 = 'ab'.repeat(32)
export const PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'
export const NO_CA = { ca: undefined }
export const TOKEN_AUTH = { token: { secretRef: { name: 'token' } } }
export const VAULT = { server: 'https://vault.example.com:8200', auth: TOKEN_AUTH }

export const DURATION = 'write a duration in hours, minutes and seconds, such as 2160h, 90m or 1h30m0s'
export const OBJECT_NAME =
  "write the name of an object: lower-case letters, digits, '-' and '.', with a letter or digit at both ends"
export const FINGERPRINT =
  'write the SHA-256 fingerprint as 64 lower-case hex digits without colons; this prints it: openssl x509 -in root.pem -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f'
export const CERTIFICATES = "write certificates as PEM, beginning with '-----BEGIN CERTIFICATE-----', and nothing else"
export const ONE_BACKEND = "spec: set exactly one back end: 'awsPrivateCA', 'vault' or 'ca'"
export const PATH = "write a path without '/' at its ends, such as pki or team-a/pki"
export const ABOVE_MAXIMUM =
  "spec.pathLength: 'pathLength' is above 'maxPathLength': lower 'pathLength' or raise 'maxPathLength'"
export function row(spec: RuleCase['spec'], ...refusals: readonly string[]): RuleCase {
  return { kind: 'MeshCAIssuer', spec, refusals }
}

export function cluster(spec: RuleCase['spec'], ...refusals: readonly string[]): RuleCase {
  return { kind: 'MeshCAClusterIssuer', spec, refusals }
}
