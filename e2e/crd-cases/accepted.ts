import { ARN, cluster, PEM, type RuleCase, row, SHA256, TOKEN_AUTH, VAULT } from './case.ts'

const ROLE = { roleARN: 'arn:aws-us-gov:iam::111122223333:role/path/mesh-ca' }
const ACCOUNT = { role: 'mesh', serviceAccountRef: { name: 'vault' } }
const SECRET = { secretRef: { name: 'secret' } }

function aws(change: object): RuleCase {
  return row({ ca: undefined, awsPrivateCA: { arn: ARN, ...change } })
}

function vault(change: object): RuleCase {
  return row({ ca: undefined, vault: { ...VAULT, ...change } })
}

/** What lies just inside the rules, and every choice once. */
export const ACCEPTED_CASES: readonly RuleCase[] = [
  aws({}),
  aws({
    region: 'us-gov-west-1',
    endpoint: 'https://vpce-1.acm-pca.eu-central-1.vpce.amazonaws.com',
    stsEndpoint: 'http://[::1]:8080/',
  }),
  aws({ credentials: { secretRef: { name: 'aws', sessionTokenKey: 'token' } } }),
  aws({ credentials: { serviceAccountRef: { name: 'aws' } }, assumeRole: [ROLE] }),
  aws({
    assumeRole: [
      { ...ROLE, externalID: 'x:/y', sessionName: 'cluster-1', duration: '15m', tags: [{ key: 'a', value: '' }] },
      { ...ROLE, duration: '12h' },
    ],
  }),
  row({
    ca: undefined,
    awsPrivateCA: { arn: ARN, templateName: 'EndEntityCertificate_CSRPassthrough/V1' },
    profile: 'EndEntity',
  }),
  row({ ca: undefined, awsPrivateCA: { arn: ARN }, pathLength: 2, maxPathLength: 3 }),
  vault({
    server: 'http://127.0.0.1:8200/',
    namespace: 'admin/team-a',
    mount: 'team-a/pki',
    issuerRef: 'root_2026.1',
    serverName: 'vault',
  }),
  vault({ caBundle: PEM, issuerFingerprint: SHA256, clientCertificateSecretRef: { name: 'client' }, role: 'web' }),
  vault({ caBundleSecretRef: { name: 'roots', key: 'bundle.pem' }, auth: TOKEN_AUTH }),
  vault({ auth: { appRole: { roleID: 'id', ...SECRET } } }),
  vault({ auth: { kubernetes: ACCOUNT } }),
  vault({ auth: { jwt: { ...ACCOUNT, serviceAccountRef: { name: 'vault', audiences: ['vault'] } } } }),
  vault({ auth: { certificate: SECRET } }),
  row({ pathLength: 1, maxPathLength: 1 }),
  row({ duration: { min: '1h', default: '1.5h', max: '5400s' } }),
  row({ duration: { default: '2160h0m0s', max: '2160h' } }),
  row({ profile: 'Any', allowedKeys: ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519'] }),
  row({
    nameConstraints: {
      critical: false,
      permitted: { uriDomains: ['cluster.local', '.example.com'], dnsDomains: ['svc', '.example.com'] },
    },
  }),
  row({
    nameConstraints: {
      excluded: {
        ipRanges: ['0.0.0.0/0', '::/0', 'fd00::/8'],
        emailAddresses: ['a@example.com', 'example.com', '.example.com'],
      },
    },
  }),
  row({ trust: { minimumDwell: '0s', acceptUnsafeChange: SHA256 } }),
  row({
    trust: {
      additionalRoots: [
        { pem: PEM },
        { secretRef: { name: 'a', sha256: [SHA256] } },
        { configMapRef: { name: 'b', key: 'roots.pem', sha256: [SHA256] } },
      ],
    },
  }),
  cluster({}),
  cluster({ allowedNamespaces: { selector: {} } }),
  cluster({
    allowedNamespaces: {
      selector: {
        matchLabels: { mesh: 'yes' },
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['b'] },
          { key: 'c', operator: 'Exists' },
        ],
      },
    },
  }),
  cluster({ allowedNamespaces: undefined, profile: 'EndEntity' }),
]
