import { z } from 'zod'

const instant = () => z.string().meta({ format: 'date-time' })

const condition = z.object({
  type: z
    .string()
    .min(1)
    .max(316)
    .describe('What the condition is about: Ready, CredentialsReady, AuthorityReady or TrustReady.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  reason: z.string().min(1).max(1024).describe('Why, in one word for programs.'),
  message: z.string().max(32_768).describe('Why, in words for people.'),
  lastTransitionTime: instant().describe("When 'status' last changed."),
  observedGeneration: z.int().min(0).exactOptional().describe('Generation of the issuer that was looked at.'),
})

const authority = z.object({
  subject: z.string().max(16_384).describe('Subject of the CA that signs.'),
  serialNumber: z.string().max(64).describe('Its serial number in hex.'),
  fingerprint: z.string().max(64).describe('SHA-256 fingerprint of its certificate.'),
  notBefore: instant().describe('Start of its validity.'),
  notAfter: instant().describe('End of its validity: nothing is issued beyond it.'),
  pathLength: z.int().min(0).exactOptional().describe('Its own pathLen; no limit when absent.'),
  key: z.string().max(64).describe('Its key, such as ECDSA P-256.'),
  rootFingerprint: z.string().max(64).describe('SHA-256 fingerprint of the root that it chains to.'),
})

const root = z.object({
  subject: z.string().max(16_384).describe('Subject of the root.'),
  fingerprint: z.string().max(64).describe('SHA-256 fingerprint of its certificate.'),
  notAfter: instant().describe('End of its validity.'),
})

const trustBundle = z.object({
  sha256: z
    .string()
    .max(2048)
    .describe('SHA-256 of the bytes of ca.crt, the same in every cluster that publishes the same roots.'),
  roots: z
    .array(root.describe('One root.'))
    .max(2048)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('The roots in the order in which ca.crt has them.'),
})

const lastIssuance = z.object({
  time: instant().describe('When it was issued.'),
  kind: z.enum(['CertificateRequest', 'CertificateSigningRequest']).describe('Kind of the request.'),
  namespace: z.string().max(63).exactOptional().describe('Namespace of the request, where it has one.'),
  name: z.string().max(253).describe('Name of the request.'),
  serialNumber: z.string().max(64).describe('Serial number of the certificate in hex.'),
  notAfter: instant().describe('End of its validity.'),
})

const carried = z.object({
  certificate: z.string().max(317).describe('Namespace and name of the Certificate, as namespace/name.'),
  signerRoot: z.string().max(64).describe('Fingerprint of the root that its signer chains to.'),
  roots: z
    .array(z.string().max(64).describe('SHA-256 fingerprint of a root.'))
    .max(64)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Fingerprints of the roots in its ca.crt.'),
  since: instant().describe('Since when it carries these without interruption.'),
  issuedAt: instant().describe('When it was issued last.'),
})

/** What the controller says about an issuer. */
export const issuerStatus = z.object({
  conditions: z
    .array(condition.describe('One condition.'))
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .exactOptional()
    .describe('Ready, and the parts that make it up.'),
  backend: z.enum(['AWSPrivateCA', 'Vault', 'CA']).exactOptional().describe('The back end in use.'),
  root: z
    .string()
    .max(16)
    .exactOptional()
    .describe(
      'First 16 hex digits of the fingerprint of the root that the CA chains to: equal in all clusters that share it.',
    ),
  authority: authority.exactOptional().describe('The CA that signs.'),
  trustBundle: trustBundle.exactOptional().describe('What is published as ca.crt.'),
  carried: z
    .array(carried.describe('One Certificate.'))
    .max(256)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .exactOptional()
    .describe(
      'The roots that the Certificates of this issuer carry, so that the next change of trust can be held against them even where their requests are gone.',
    ),
  lastIssuance: lastIssuance.exactOptional().describe('The certificate that was issued last.'),
})
