import { z } from 'zod'
import {
  address,
  certificatesPem,
  dataKey,
  fingerprint,
  objectName,
  secretReference,
  serviceAccountName,
} from './common.ts'
import { atMostOne, exactlyOne, rules, text } from './rule.ts'

const IN_NAMESPACE =
  "in the issuer's namespace (for a MeshCAClusterIssuer: in the controller's cluster resource namespace)"

function mountPath() {
  return text({
    pattern: '^[_a-zA-Z0-9][-._~a-zA-Z0-9]*(/[_a-zA-Z0-9][-._~a-zA-Z0-9]*)*$',
    maxLength: 512,
    message: "write a path without '/' at its ends, such as pki or team-a/pki",
  })
}

function vaultName() {
  return text({
    pattern: '^[_a-zA-Z0-9][-._a-zA-Z0-9]*$',
    maxLength: 256,
    message: "write a name of letters, digits, '-', '_' and '.', with a letter, digit or '_' first",
  })
}

function secretKey(defaultKey: string, contents: string) {
  return z.object({
    name: objectName().describe(`Name of the Secret ${IN_NAMESPACE}.`),
    key: dataKey().default(defaultKey).describe(`Key of the Secret that holds ${contents}.`),
  })
}

const bundleReference = (kind: string) =>
  z.object({
    name: objectName().describe(`Name of the ${kind} ${IN_NAMESPACE}.`),
    key: dataKey().default('ca.crt').describe(`Key of the ${kind} that holds the certificates as PEM.`),
  })

const tokenReference = z
  .object({
    name: serviceAccountName,
    audiences: z
      .array(z.string().min(1).max(512).describe('An audience.'))
      .min(1)
      .max(8)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .exactOptional()
      .describe(
        "Audiences of the token. When left out: vault://<namespace>/<issuer>, or vault://<issuer> for a MeshCAClusterIssuer. The API server's own audience is refused.",
      ),
  })
  .describe('ServiceAccount whose token proves to Vault who asks.')

const tokenAuth = z.object({ secretRef: secretKey('token', 'the token').describe('Secret with the token.') })

const appRoleAuth = z.object({
  mount: mountPath().default('approle').describe('Path at which the auth method is mounted.'),
  roleID: z.string().min(1).max(1024).describe('Role ID of the AppRole.'),
  secretRef: secretKey('secret-id', 'the secret ID').describe('Secret with the secret ID of the AppRole.'),
})

const jwtAuth = (mount: string) =>
  z.object({
    mount: mountPath().default(mount).describe('Path at which the auth method is mounted.'),
    role: vaultName().describe('Role of the auth method to log in as.'),
    serviceAccountRef: tokenReference,
  })

const certificateAuth = z.object({
  mount: mountPath().default('cert').describe('Path at which the auth method is mounted.'),
  name: vaultName().exactOptional().describe('Certificate role to log in as. Vault tries all of them when left out.'),
  secretRef: secretReference('It is of type kubernetes.io/tls.').describe(
    'Secret with the client certificate and its key.',
  ),
})

const auth = z
  .object({
    token: tokenAuth.exactOptional().describe('A token kept in a Secret. It is renewed while it can be.'),
    appRole: appRoleAuth.exactOptional().describe('Log in with an AppRole.'),
    kubernetes: jwtAuth('kubernetes')
      .exactOptional()
      .describe('Log in with a ServiceAccount through the Kubernetes auth method.'),
    jwt: jwtAuth('jwt').exactOptional().describe('Log in with a ServiceAccount through the JWT auth method.'),
    certificate: certificateAuth.exactOptional().describe('Log in with a client certificate.'),
  })
  .meta(
    rules({
      rule: exactlyOne('token', 'appRole', 'kubernetes', 'jwt', 'certificate'),
      message: "set exactly one of 'token', 'appRole', 'kubernetes', 'jwt' and 'certificate'",
    }),
  )

/** HashiCorp Vault or OpenBao as the back end. */
export const vault = z
  .object({
    server: address().describe('Address of the server, such as https://vault.example.com:8200.'),
    namespace: mountPath()
      .exactOptional()
      .describe('Namespace of Vault Enterprise, HCP or OpenBao to work in. The Community Edition of Vault has none.'),
    mount: mountPath().default('pki').describe('Path at which the PKI secrets engine is mounted.'),
    issuerRef: vaultName().default('default').describe('Name or ID of the issuer of that engine that signs.'),
    issuerFingerprint: fingerprint()
      .exactOptional()
      .describe(
        "SHA-256 fingerprint that the certificate of 'issuerRef' must have, so that a change in Vault is not followed unseen.",
      ),
    role: vaultName()
      .exactOptional()
      .describe(
        'PKI role that end-entity certificates are signed with. Needed for isCA: false only: a CA is signed without a role.',
      ),
    caBundle: certificatesPem().exactOptional().describe("Roots that the server's certificate must chain to, as PEM."),
    caBundleSecretRef: bundleReference('Secret')
      .exactOptional()
      .describe("Roots that the server's certificate must chain to, in a Secret."),
    caBundleConfigMapRef: bundleReference('ConfigMap')
      .exactOptional()
      .describe("Roots that the server's certificate must chain to, in a ConfigMap."),
    serverName: text({
      pattern: '^[a-zA-Z0-9]([-.:a-zA-Z0-9]*[a-zA-Z0-9])?$',
      maxLength: 253,
      message: 'write a host name, such as vault.example.com',
    })
      .exactOptional()
      .describe("Name that the server's certificate must carry. The host of 'server' when left out."),
    clientCertificateSecretRef: secretReference('It is of type kubernetes.io/tls.')
      .exactOptional()
      .describe('Client certificate for the TLS connection, where the server asks for one.'),
    auth: auth.describe('How to log in: exactly one method.'),
  })
  .meta(
    rules({
      rule: atMostOne('caBundle', 'caBundleSecretRef', 'caBundleConfigMapRef'),
      message:
        "set at most one of 'caBundle', 'caBundleSecretRef' and 'caBundleConfigMapRef'; without one, the roots of the controller's image are used",
    }),
  )
