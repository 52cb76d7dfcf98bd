import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  VAULT_PLAIN,
  type VaultGiven,
  type VaultWritten,
  vaultConfigured,
  vaultLogin,
  vaultSpecOf,
} from '../testing/vault-specs.ts'
import { vaultReferences } from './vault-config.ts'

const TLS = { 'tls.crt': 'certificate', 'tls.key': 'key' }
const account = { namespace: 'istio-system', name: 'mesh-ca', audiences: ['vault://istio-system/mesh'] }

const CONFIGS: Readonly<Record<string, readonly [VaultGiven, object]>> = {
  'no more than is needed': [{}, {}],
  'all that can be named': [
    {
      written: {
        namespace: 'team/a',
        mount: 'team/pki',
        issuerRef: 'mesh-2026',
        issuerFingerprint: 'a'.repeat(64),
        role: 'leaf',
        caBundle: '-----BEGIN CERTIFICATE-----',
        serverName: 'vault.internal',
        clientCertificateSecretRef: { name: 'client' },
      },
      objects: { 'Secret/client': TLS },
    },
    {
      namespace: 'team/a',
      mount: 'team/pki',
      issuerRef: 'mesh-2026',
      issuerFingerprint: 'a'.repeat(64),
      role: 'leaf',
      caBundle: '-----BEGIN CERTIFICATE-----',
      serverName: 'vault.internal',
      clientCertificate: { certificates: 'certificate', privateKey: 'key' },
    },
  ],
  'a profile without CAs': [{ profile: 'EndEntity' }, { signs: ['end-entity'] }],
  'any profile': [{ profile: 'Any' }, { signs: ['ca', 'end-entity'] }],
  'a bundle in a Secret': [
    {
      written: { caBundleSecretRef: { name: 'roots', key: 'x.pem' } },
      objects: { 'Secret/roots': { 'x.pem': 'pem' } },
    },
    { caBundle: 'pem' },
  ],
  'a bundle in a ConfigMap': [
    { written: { caBundleConfigMapRef: { name: 'roots' } }, objects: { 'ConfigMap/roots': { 'ca.crt': 'pem' } } },
    { caBundle: 'pem' },
  ],
  'a token with a line end behind it': [{ objects: { 'Secret/vault-token': { token: ' t\n' } } }, {}],
  'an AppRole': [
    {
      written: { auth: { appRole: { roleID: 'id', secretRef: { name: 'approle' } } } },
      objects: { 'Secret/approle': { 'secret-id': 's\n' } },
    },
    { auth: { method: 'appRole', mount: 'approle', roleID: 'id', secretID: 's' } },
  ],
  Kubernetes: [
    { written: { auth: { kubernetes: vaultLogin({}) } } },
    { auth: { method: 'kubernetes', mount: 'kubernetes', role: 'mesh', account } },
  ],
  'JWT from a cluster issuer': [
    {
      written: { auth: { jwt: vaultLogin({ mount: 'jwt/one' }) } },
      scope: { clusterScoped: true, namespace: 'mesh-ca-issuer' },
    },
    {
      auth: {
        method: 'jwt',
        mount: 'jwt/one',
        role: 'mesh',
        account: { namespace: 'mesh-ca-issuer', name: 'mesh-ca', audiences: ['vault://mesh'] },
      },
    },
  ],
  'audiences of its own': [
    {
      written: {
        auth: {
          jwt: vaultLogin({ serviceAccountRef: { name: 'mesh-ca', audiences: ['vault', 'https://vault.example'] } }),
        },
      },
    },
    {
      auth: {
        method: 'jwt',
        mount: 'jwt',
        role: 'mesh',
        account: { ...account, audiences: ['vault', 'https://vault.example'] },
      },
    },
  ],
  'a certificate': [
    { written: { auth: { certificate: { secretRef: { name: 'client' } } } }, objects: { 'Secret/client': TLS } },
    {
      auth: {
        method: 'certificate',
        mount: 'cert',
        clientCertificate: { certificates: 'certificate', privateKey: 'key' },
      },
    },
  ],
  'a certificate role': [
    {
      written: { auth: { certificate: { name: 'mesh', mount: 'c', secretRef: { name: 'client' } } } },
      objects: { 'Secret/client': TLS },
    },
    {
      auth: {
        method: 'certificate',
        mount: 'c',
        name: 'mesh',
        clientCertificate: { certificates: 'certificate', privateKey: 'key' },
      },
    },
  ],
  'http in a lab': [
    { written: { server: 'http://127.0.0.1:8200' }, policy: { insecureEndpoints: true } },
    { server: 'http://127.0.0.1:8200' },
  ],
}

for (const [name, [given, expected]] of Object.entries(CONFIGS)) {
  test(`Vault: ${name}`, () => assert.deepEqual(vaultConfigured(given), { ...VAULT_PLAIN, ...expected }))
}

test('Vault: every Secret and ConfigMap that is named, and no other', () => {
  const names = (written: VaultWritten) =>
    vaultReferences(vaultSpecOf(written)).map(({ kind, name }) => `${kind}/${name}`)
  assert.deepEqual(names({}), ['Secret/vault-token'])
  assert.deepEqual(names({ caBundleSecretRef: { name: 'roots' }, clientCertificateSecretRef: { name: 'client' } }), [
    'Secret/roots',
    'Secret/client',
    'Secret/vault-token',
  ])
  assert.deepEqual(names({ caBundleConfigMapRef: { name: 'roots' }, auth: { jwt: vaultLogin({}) } }), [
    'ConfigMap/roots',
  ])
  assert.deepEqual(names({ auth: { appRole: { roleID: 'x', secretRef: { name: 'a' } } } }), ['Secret/a'])
  assert.deepEqual(names({ auth: { certificate: { secretRef: { name: 'c' } } } }), ['Secret/c'])
})
