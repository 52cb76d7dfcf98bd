import { z } from 'zod'
import { awsPrivateCA } from './aws-private-ca.ts'
import { secretReference } from './common.ts'
import { allowedKeys, allowedNamespaces, allowedRequesters, durations, mesh, nameConstraints } from './policy.ts'
import { trust } from './trust.ts'
import { vault } from './vault.ts'

const ca = z.object({
  secretRef: secretReference(
    "It is of type kubernetes.io/tls: 'tls.crt' holds the CA's certificate and then its chain, 'tls.key' its key, and 'ca.crt' the root where the chain ends below it.",
  ).describe('Secret with the key and the certificates of the CA.'),
})

const pathLengthBound = () => z.int().min(0).max(255)

/** What both kinds of issuer have in `spec`; what differs between them is in the rules of each kind. */
export const issuerSpec = z.object({
  awsPrivateCA: awsPrivateCA.exactOptional().describe('Back end: AWS Private CA.'),
  vault: vault.exactOptional().describe('Back end: HashiCorp Vault or OpenBao.'),
  ca: ca.exactOptional().describe('Back end: a CA whose key is in a Secret.'),
  profile: z
    .enum(['MeshCA', 'EndEntity', 'Any'])
    .default('MeshCA')
    .describe(
      'What is issued. MeshCA: only CAs (isCA: true), each proved to work as the CA of istiod before it is handed over. EndEntity: only certificates that are no CA. Any: both, without the proof for istiod.',
    ),
  mesh: mesh.prefault({}).describe('The mesh that a CA is proved for, with profile MeshCA.'),
  pathLength: pathLengthBound()
    .default(0)
    .describe('How many CAs may follow below an issued CA (pathLen). istiod needs 0.'),
  maxPathLength: pathLengthBound()
    .exactOptional()
    .describe(
      "Highest pathLen that a request may wish for with the annotation meshca.dev/path-length. 'pathLength' when left out.",
    ),
  duration: durations.prefault({}).describe('How long certificates live.'),
  nameConstraints: nameConstraints
    .exactOptional()
    .describe(
      "Name constraints of issued CAs. A request's own must lie inside them; they are honoured or the request is refused, never dropped.",
    ),
  allowedKeys: allowedKeys.describe('Kinds of keys that may be certified; RSA means 2048 to 8192 bits.'),
  allowedNamespaces: allowedNamespaces
    .exactOptional()
    .describe(
      'Namespaces whose requests a MeshCAClusterIssuer serves. Required there unless the profile is EndEntity.',
    ),
  allowedRequesters: allowedRequesters
    .exactOptional()
    .describe(
      "User names that may ask, compared with the request's 'spec.username'. With system:serviceaccount:cert-manager:cert-manager a certificate is had through a Certificate only. Anybody when left out.",
    ),
  trust: trust.prefault({}).describe('The roots that are published as ca.crt, and how they may change.'),
})
