import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AwsPrivateCASpec } from '../api/issuer.ts'
import { type SpecInput, testSpec } from '../testing/builders.ts'
import { awsConfig, awsReferences } from './aws-config.ts'
import type { IssuerScope, OperatorPolicy } from './operator-policy.ts'
import { ConfigurationError, type ReferenceData } from './references.ts'

const ARN = 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555'
const ROLE = 'arn:aws:iam::111122223333:role/mesh'
const OPERATOR: IssuerScope = { clusterScoped: true, namespace: 'mesh-ca-issuer', name: 'mesh' }
const TENANT: IssuerScope = { clusterScoped: false, namespace: 'team', name: 'mesh' }
const POLICY: OperatorPolicy = { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false }
const PLAIN = { kind: 'aws-private-ca', arn: ARN, region: 'eu-central-1', credentials: { kind: 'ambient' }, roles: [] }
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' }
const IN_SECRET = { credentials: { secretRef: { name: 'aws' } } }

type Input = Omit<NonNullable<SpecInput['awsPrivateCA']>, 'arn'>

function specOf(change: Input): AwsPrivateCASpec {
  const { awsPrivateCA } = testSpec({ ca: undefined, awsPrivateCA: { arn: ARN, ...change } })
  assert.ok(awsPrivateCA)
  return awsPrivateCA
}

interface Row {
  readonly name: string
  readonly spec?: Input
  readonly secret?: ReferenceData
  readonly scope?: IssuerScope
  readonly policy?: Partial<OperatorPolicy>
  readonly expected: unknown
}

const NO_KEY = (key: string) => ['KeyMissing', `the Secret aws has no key ${key}; add it`]
const HTTPS = (field: string) => ['EndpointForbidden', `${field} must be an https:// address`]
const ENDPOINTS = { endpoint: 'https://pca.example', stsEndpoint: 'https://sts.example' }

const ROWS: readonly Row[] = [
  { name: 'only the ARN', expected: PLAIN },
  { name: 'another region', spec: { region: 'eu-west-1' }, expected: { ...PLAIN, region: 'eu-west-1' } },
  {
    name: 'what the owner pins',
    spec: { signingAlgorithm: 'SHA384WITHECDSA', templateName: 'EndEntityCertificate/V1', ...ENDPOINTS },
    expected: {
      ...PLAIN,
      signingAlgorithm: 'SHA384WITHECDSA',
      templateName: 'EndEntityCertificate/V1',
      ...ENDPOINTS,
    },
  },
  {
    name: 'keys in a Secret',
    spec: IN_SECRET,
    secret: KEYS,
    scope: TENANT,
    expected: { ...PLAIN, credentials: { kind: 'keys', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } },
  },
  {
    name: 'W-A9: a session token beside them, with line ends behind each',
    spec: IN_SECRET,
    secret: { AWS_ACCESS_KEY_ID: 'AKIATEST\n', AWS_SECRET_ACCESS_KEY: 'secret\r\n', AWS_SESSION_TOKEN: ' token\n' },
    expected: {
      ...PLAIN,
      credentials: { kind: 'keys', accessKeyId: 'AKIATEST', secretAccessKey: 'secret', sessionToken: 'token' },
    },
  },
  {
    name: 'other keys of the Secret',
    spec: {
      credentials: {
        secretRef: { name: 'aws', accessKeyIDKey: 'id', secretAccessKeyKey: 'key', sessionTokenKey: 't' },
      },
    },
    secret: { ...KEYS, id: 'a', key: 'b', t: 'c' },
    expected: { ...PLAIN, credentials: { kind: 'keys', accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' } },
  },
  {
    name: 'no Secret',
    spec: IN_SECRET,
    expected: [
      'SecretNotFound',
      "the Secret aws does not exist in the issuer's namespace; create it, or correct its name",
    ],
  },
  {
    name: 'no access key ID',
    spec: IN_SECRET,
    secret: { AWS_SECRET_ACCESS_KEY: 'secret' },
    expected: NO_KEY('AWS_ACCESS_KEY_ID'),
  },
  {
    name: 'a blank secret access key',
    spec: IN_SECRET,
    secret: { ...KEYS, AWS_SECRET_ACCESS_KEY: ' \n' },
    expected: NO_KEY('AWS_SECRET_ACCESS_KEY'),
  },
  {
    name: 'a blank session token is none',
    spec: IN_SECRET,
    secret: { ...KEYS, AWS_SESSION_TOKEN: '\n' },
    expected: { ...PLAIN, credentials: { kind: 'keys', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } },
  },
  {
    name: 'a ServiceAccount and its role',
    spec: { credentials: { serviceAccountRef: { name: 'issuer' } }, assumeRole: [{ roleARN: ROLE }] },
    scope: TENANT,
    expected: {
      ...PLAIN,
      credentials: {
        kind: 'web-identity',
        account: { namespace: 'team', name: 'issuer', audiences: ['sts.amazonaws.com'] },
      },
      roles: [{ roleARN: ROLE, sessionName: 'mesh-ca-issuer@team.mesh', tags: [] }],
    },
  },
  {
    name: 'a role with everything',
    spec: {
      assumeRole: [
        {
          roleARN: ROLE,
          externalID: 'external',
          sessionName: 'session',
          duration: '1h30m',
          tags: [{ key: 'team', value: 'mesh' }],
        },
        { roleARN: `${ROLE}2` },
      ],
    },
    expected: {
      ...PLAIN,
      roles: [
        {
          roleARN: ROLE,
          externalID: 'external',
          sessionName: 'session',
          durationSeconds: 5400,
          tags: [{ key: 'team', value: 'mesh' }],
        },
        { roleARN: `${ROLE}2`, sessionName: 'mesh-ca-issuer@mesh', tags: [] },
      ],
    },
  },
  {
    name: 'the longest names',
    spec: { assumeRole: [{ roleARN: ROLE }] },
    scope: { ...OPERATOR, name: 'm'.repeat(253) },
    expected: { ...PLAIN, roles: [{ roleARN: ROLE, sessionName: `mesh-ca-issuer@${'m'.repeat(49)}`, tags: [] }] },
  },
  { name: 'http', spec: { endpoint: 'http://pca.example' }, expected: HTTPS('awsPrivateCA.endpoint') },
  {
    name: 'http for STS, with keys of its own',
    spec: { ...IN_SECRET, stsEndpoint: 'http://sts.example' },
    secret: KEYS,
    expected: HTTPS('awsPrivateCA.stsEndpoint'),
  },
  {
    name: 'http in a lab',
    spec: { endpoint: 'http://pca.example' },
    policy: { insecureEndpoints: true },
    expected: { ...PLAIN, endpoint: 'http://pca.example' },
  },
  {
    name: 'a tenant with keys of its own and an endpoint of its choice',
    spec: { ...IN_SECRET, ...ENDPOINTS },
    secret: KEYS,
    scope: TENANT,
    expected: {
      ...PLAIN,
      ...ENDPOINTS,
      credentials: { kind: 'keys', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    },
  },
  {
    name: "a tenant with the controller's credentials",
    scope: TENANT,
    expected: [
      'AmbientCredentialsForbidden',
      "a namespaced issuer may not use the controller's own cloud credentials; set 'credentials', use a MeshCAClusterIssuer, or have the operator set --issuer-ambient-credentials",
    ],
  },
  {
    name: "a tenant who would have the controller's credentials sent to STS of its choice",
    scope: TENANT,
    spec: { stsEndpoint: 'https://sts.example' },
    policy: { issuerAmbientCredentials: true },
    expected: [
      'EndpointForbidden',
      "the controller's own cloud credentials are not sent to sts.example, which a namespaced issuer chose; set 'credentials', or have the operator add the host to --allowed-endpoints",
    ],
  },
]

for (const { name, spec = {}, secret, scope = OPERATOR, policy = {}, expected } of ROWS) {
  test(`AWS Private CA: ${name}`, () => {
    assert.deepEqual(
      outcomeOf(() => awsConfig(specOf(spec), () => secret, { scope, policy: { ...POLICY, ...policy } })),
      expected,
    )
  })
}

function outcomeOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return [error.code, error.message]
  }
}

test('W-A8: only the Secret of the keys is read, and by its name alone', () => {
  assert.deepEqual(awsReferences(specOf(IN_SECRET)), [{ kind: 'Secret', name: 'aws' }])
  assert.deepEqual(awsReferences(specOf({})), [])
})
