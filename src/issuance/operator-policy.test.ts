import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAmbient, checkEndpoint, type IssuerScope, type OperatorPolicy } from './operator-policy.ts'
import { ConfigurationError } from './references.ts'

const STRICT: OperatorPolicy = { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false }
const AMBIENT: OperatorPolicy = { ...STRICT, issuerAmbientCredentials: true }
const LAB: OperatorPolicy = { ...STRICT, insecureEndpoints: true }
const TENANT: IssuerScope = { clusterScoped: false, namespace: 'team', name: 'mesh' }
const OPERATOR: IssuerScope = { clusterScoped: true, namespace: 'mesh-ca-issuer', name: 'mesh' }

function outcomeOf(act: () => void): unknown {
  try {
    return act()
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return [error.code, error.message]
  }
}

const NOT_HTTPS = ['EndpointForbidden', 'awsPrivateCA.endpoint must be an https:// address']

const ENDPOINTS: readonly { readonly url: string; readonly policy: OperatorPolicy; readonly expected: unknown }[] = [
  { url: 'https://pca.example', policy: STRICT, expected: undefined },
  { url: 'HTTPS://pca.example:8443/x', policy: STRICT, expected: undefined },
  { url: 'http://pca.example', policy: STRICT, expected: NOT_HTTPS },
  { url: 'http://pca.example', policy: AMBIENT, expected: NOT_HTTPS },
  { url: 'http://pca.example', policy: { ...STRICT, allowedEndpoints: ['pca.example'] }, expected: NOT_HTTPS },
  { url: 'http://pca.example', policy: LAB, expected: undefined },
  { url: 'ftp://pca.example', policy: LAB, expected: NOT_HTTPS },
  { url: 'file:///etc/passwd', policy: LAB, expected: NOT_HTTPS },
  { url: 'pca.example', policy: LAB, expected: NOT_HTTPS },
  { url: 'https://', policy: LAB, expected: NOT_HTTPS },
]

for (const { url, policy, expected } of ENDPOINTS) {
  test(`the endpoint ${url}${policy === LAB ? ' in a lab' : ''}`, () => {
    assert.deepEqual(
      outcomeOf(() => checkEndpoint('awsPrivateCA.endpoint', url, policy)),
      expected,
    )
  })
}

const NO_AMBIENT = [
  'AmbientCredentialsForbidden',
  "a namespaced issuer may not use the controller's own cloud credentials; set 'credentials', use a MeshCAClusterIssuer, or have the operator set --issuer-ambient-credentials",
]

function notSentTo(host: string): readonly string[] {
  return [
    'EndpointForbidden',
    `the controller's own cloud credentials are not sent to ${host}, which a namespaced issuer chose; set 'credentials', or have the operator add the host to --allowed-endpoints`,
  ]
}

interface Row {
  readonly name: string
  readonly scope?: IssuerScope
  readonly policy?: OperatorPolicy
  readonly endpoints?: readonly (string | undefined)[]
  readonly expected: unknown
}

function allowing(...allowedEndpoints: readonly string[]): OperatorPolicy {
  return { ...AMBIENT, allowedEndpoints }
}

const AMBIENTS: readonly Row[] = [
  { name: "an operator's issuer", scope: OPERATOR, policy: STRICT, expected: undefined },
  {
    name: "an operator's issuer with an endpoint",
    scope: OPERATOR,
    policy: STRICT,
    endpoints: ['https://pca.example', undefined],
    expected: undefined,
  },
  { name: "a tenant's issuer", policy: STRICT, expected: NO_AMBIENT },
  {
    name: "a tenant's issuer with an allowed endpoint, where ambient credentials are not for tenants",
    policy: { ...STRICT, allowedEndpoints: ['pca.example'] },
    endpoints: ['https://pca.example'],
    expected: NO_AMBIENT,
  },
  { name: 'where the operator lets tenants use them', expected: undefined },
  { name: 'with an endpoint', endpoints: ['https://pca.example'], expected: notSentTo('pca.example') },
  {
    name: 'with an endpoint of STS',
    endpoints: [undefined, 'https://sts.example'],
    expected: notSentTo('sts.example'),
  },
  {
    name: 'with one of two endpoints allowed',
    policy: allowing('pca.example'),
    endpoints: ['https://pca.example', 'https://sts.example'],
    expected: notSentTo('sts.example'),
  },
  {
    name: 'with both allowed',
    policy: allowing('pca.example', 'sts.example'),
    endpoints: ['https://pca.example/x', 'https://sts.example:443'],
    expected: undefined,
  },
  {
    name: 'with an allowed host on another port',
    policy: allowing('pca.example'),
    endpoints: ['https://pca.example:8443'],
    expected: notSentTo('pca.example:8443'),
  },
  {
    name: 'with an allowed port',
    policy: allowing('PCA.example:8443'),
    endpoints: ['https://pca.EXAMPLE:8443'],
    expected: undefined,
  },
  {
    name: "with a host below an allowed one's name",
    policy: allowing('example'),
    endpoints: ['https://pca.example'],
    expected: notSentTo('pca.example'),
  },
  {
    name: 'with a host that an allowed one begins',
    policy: allowing('pca.example'),
    endpoints: ['https://pca.example.evil.test'],
    expected: notSentTo('pca.example.evil.test'),
  },
  {
    name: 'with an allowed host before the real one',
    policy: allowing('pca.example'),
    endpoints: ['https://pca.example@evil.test/'],
    expected: notSentTo('evil.test'),
  },
  {
    name: 'with an allowed host behind the real one',
    policy: allowing('pca.example'),
    endpoints: ['https://evil.test/pca.example', 'https://evil.test#pca.example'],
    expected: notSentTo('evil.test'),
  },
  {
    name: 'with a star, which is no pattern',
    policy: allowing('*'),
    endpoints: ['https://pca.example'],
    expected: notSentTo('pca.example'),
  },
  {
    name: 'with an empty host allowed',
    policy: allowing(''),
    endpoints: ['https://pca.example'],
    expected: notSentTo('pca.example'),
  },
]

for (const { name, scope = TENANT, policy = AMBIENT, endpoints = [undefined, undefined], expected } of AMBIENTS) {
  test(`ambient credentials: ${name}`, () => {
    assert.deepEqual(
      outcomeOf(() => checkAmbient(scope, endpoints, policy)),
      expected,
    )
  })
}
