import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuerSpec } from '../api/issuer.ts'
import { type SpecInput, testSpec } from '../testing/builders.ts'
import { backendConfig, backendName, declaredRoots, referencesOf } from './backend-config.ts'
import { ConfigurationError, type Lookup, type ReferenceData } from './references.ts'

const PINS = ['a'.repeat(64)]
const ARN = 'arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/x'
const SCOPE = { clusterScoped: true, namespace: 'mesh-ca-issuer', name: 'mesh' }
const POLICY = { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false }
const AWS: SpecInput = {
  ca: undefined,
  awsPrivateCA: { arn: ARN },
}
const VAULT: SpecInput = {
  ca: undefined,
  vault: { server: 'https://vault.example', auth: { token: { secretRef: { name: 'vault-token' } } } },
}

/** Objects by `Kind/name`. */
type Objects = Readonly<Record<string, ReferenceData>>

function lookupIn(objects: Objects): Lookup {
  return ({ kind, name }) => objects[`${kind}/${name}`]
}

const TLS = { 'tls.crt': 'certificate', 'tls.key': 'key' }

const CONFIGS: readonly {
  readonly name: string
  readonly objects: Objects
  readonly spec?: SpecInput
  readonly expected: unknown
}[] = [
  {
    name: 'a Secret with a certificate and a key',
    objects: { 'Secret/ca': TLS },
    expected: { kind: 'local', certificates: 'certificate', privateKey: 'key' },
  },
  {
    name: 'a Secret with a root beside',
    objects: { 'Secret/ca': { ...TLS, 'ca.crt': 'root', other: 'x' } },
    expected: { kind: 'local', certificates: 'certificate', privateKey: 'key', roots: 'root' },
  },
  {
    name: 'an empty root is none',
    objects: { 'Secret/ca': { ...TLS, 'ca.crt': '' } },
    expected: { kind: 'local', certificates: 'certificate', privateKey: 'key' },
  },
  {
    name: 'no Secret',
    objects: { 'ConfigMap/ca': TLS },
    expected: problem(
      'SecretNotFound',
      "the Secret ca does not exist in the issuer's namespace; create it, or correct its name",
    ),
  },
  {
    name: 'no certificate',
    objects: { 'Secret/ca': { 'tls.key': 'key' } },
    expected: problem('KeyMissing', 'the Secret ca has no key tls.crt; add it'),
  },
  {
    name: 'an empty key',
    objects: { 'Secret/ca': { ...TLS, 'tls.key': '' } },
    expected: problem('KeyMissing', 'the Secret ca has no key tls.key; add it'),
  },
  {
    name: 'what objects inherit is no key of theirs',
    objects: { 'Secret/ca': Object.create(TLS) },
    expected: problem('KeyMissing', 'the Secret ca has no key tls.crt; add it'),
  },
  {
    name: 'AWS Private CA',
    objects: {},
    spec: AWS,
    expected: { kind: 'aws-private-ca', arn: ARN, region: 'eu-central-1', credentials: { kind: 'ambient' }, roles: [] },
  },
  {
    name: 'Vault',
    objects: { 'Secret/vault-token': { token: 't' } },
    spec: VAULT,
    expected: {
      kind: 'vault',
      server: 'https://vault.example',
      mount: 'pki',
      issuerRef: 'default',
      signs: ['ca'],
      auth: { method: 'token', token: 't' },
    },
  },
  {
    name: 'none, which the schema forbids',
    objects: {},
    spec: { ca: undefined },
    expected: problem('BackendMissing', "the spec names no back end; set one of 'awsPrivateCA', 'vault' and 'ca'"),
  },
]

function problem(code: string, message: string): { readonly code: string; readonly message: string } {
  return { code, message }
}

function outcomeOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return problem(error.code, error.message)
  }
}

for (const { name, objects, spec = {}, expected } of CONFIGS) {
  test(`back end: ${name}`, () => {
    assert.deepEqual(
      outcomeOf(() => backendConfig({ spec: testSpec(spec), lookup: lookupIn(objects), scope: SCOPE, policy: POLICY })),
      expected,
    )
  })
}

function trusting(
  ...additionalRoots: readonly Exclude<NonNullable<SpecInput['trust']>['additionalRoots'], undefined>[number][]
): IssuerSpec {
  return testSpec({ trust: { additionalRoots: [...additionalRoots] } })
}

const IN_SECRET = { secretRef: { name: 'roots', sha256: PINS } }
const IN_MAP = { configMapRef: { name: 'roots', key: 'next.pem', sha256: PINS } }

test('roots: each source in its order, with where it stands', () => {
  const spec = trusting({ pem: 'inline' }, IN_SECRET, IN_MAP)
  const lookup = lookupIn({ 'Secret/roots': { 'ca.crt': 'secret' }, 'ConfigMap/roots': { 'next.pem': 'map' } })
  assert.deepEqual(declaredRoots(spec, lookup), [
    { source: 'trust.additionalRoots[0]', pem: 'inline', sha256: undefined },
    { source: 'trust.additionalRoots[1] (Secret roots, key ca.crt)', pem: 'secret', sha256: PINS },
    { source: 'trust.additionalRoots[2] (ConfigMap roots, key next.pem)', pem: 'map', sha256: PINS },
  ])
})

test('roots: none', () => assert.deepEqual(declaredRoots(testSpec(), lookupIn({})), []))

test('roots: what is not there is said', () => {
  assert.deepEqual(
    outcomeOf(() => declaredRoots(trusting(IN_MAP), lookupIn({ 'Secret/roots': { 'next.pem': 'x' } }))),
    problem(
      'ConfigMapNotFound',
      "the ConfigMap roots does not exist in the issuer's namespace; create it, or correct its name",
    ),
  )
  assert.deepEqual(
    outcomeOf(() => declaredRoots(trusting(IN_SECRET), lookupIn({ 'Secret/roots': { 'tls.crt': 'x' } }))),
    problem('KeyMissing', 'the Secret roots has no key ca.crt; add it'),
  )
})

test('references: every object once, whatever of it is used', () => {
  const same = { secretRef: { name: 'ca', sha256: PINS } }
  assert.deepEqual(referencesOf(trusting(same, IN_MAP, IN_SECRET, IN_MAP, { pem: 'inline' })), [
    { kind: 'Secret', name: 'ca' },
    { kind: 'ConfigMap', name: 'roots' },
    { kind: 'Secret', name: 'roots' },
  ])
  assert.deepEqual(referencesOf(testSpec(AWS)), [])
})

test('the name of the back end', () => {
  assert.deepEqual(
    [{}, AWS, VAULT].map((spec) => backendName(testSpec(spec))),
    ['CA', 'AWSPrivateCA', 'Vault'],
  )
})
