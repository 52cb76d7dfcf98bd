import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Profile } from '../api/issuer.ts'
import { type FactsChange, testFacts } from '../testing/builders.ts'
import { testCsr } from '../testing/certificates.ts'
import { type DecisionRow, failed, TEST_SIGN, testSign } from '../testing/decisions.ts'
import { type TestKeyKind, testKeys } from '../testing/keys.ts'
import { RSA_8192_CSR } from '../testing/rsa-8192.ts'
import { decide } from './decide.ts'

const keys = testKeys()

const NO_CA = failed(
  'ProfileMismatch',
  'this issuer signs no CAs: set isCA: false, or use an issuer with profile MeshCA',
)
const CERT_SIGN_FOR_CAS = failed(
  'UsagesMismatch',
  '"cert sign" belongs in CA certificates only: remove it from spec.usages or set isCA: true',
)

/** An end-entity certificate for client and server. */
const LEAF: FactsChange['request'] = { isCA: false, usages: ['digital signature', 'server auth'] }
const { pathLength: _none, ...leafRequest } = TEST_SIGN.request
const SIGNED_LEAF: DecisionRow['expected'] = {
  ...TEST_SIGN,
  request: { ...leafRequest, isCA: false, keyUsage: ['digitalSignature'], extKeyUsage: ['1.3.6.1.5.5.7.3.1'] },
  mesh: undefined,
  trust: undefined,
}

function profile(name: Profile, request: FactsChange['request'] = {}): FactsChange {
  return { spec: { profile: name }, request }
}

const PROFILES: readonly DecisionRow[] = [
  {
    name: 'MeshCA, no CA',
    change: profile('MeshCA', LEAF),
    expected: failed(
      'ProfileMismatch',
      'this issuer signs mesh CAs only: set isCA: true, or use an issuer with profile EndEntity',
    ),
  },
  { name: 'EndEntity, a CA', change: profile('EndEntity'), expected: NO_CA },
  { name: 'EndEntity, no CA', change: profile('EndEntity', LEAF), expected: SIGNED_LEAF },
  { name: 'Any, no CA', change: profile('Any', LEAF), expected: SIGNED_LEAF },
  { name: 'Any, a CA', change: profile('Any'), expected: testSign({}, { mesh: undefined }) },
  {
    name: 'a wish for a path length of what is no CA',
    change: profile('Any', { ...LEAF, pathLengthWish: '99' }),
    expected: SIGNED_LEAF,
  },
  {
    name: 'cert sign for what is no CA',
    change: profile('Any', { ...LEAF, usages: ['digital signature', 'cert sign'] }),
    expected: CERT_SIGN_FOR_CAS,
  },
  {
    name: 'the names that a mesh is proved with',
    change: {
      spec: { mesh: { trustDomain: 'td.example', namespace: 'mesh', revisions: ['a'], extraDNSNames: ['x.y'] } },
    },
    expected: testSign(
      {},
      { mesh: { trustDomain: 'td.example', namespace: 'mesh', revisions: ['a'], extraDNSNames: ['x.y'] } },
    ),
  },
]

for (const { name, change, expected } of PROFILES) {
  test(`profile: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}

const ALL = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519'] as const
const STANDARD = ['RSA', 'ECDSA-P256', 'ECDSA-P384'] as const

const KEYS: readonly {
  readonly key: TestKeyKind
  readonly allowed: readonly (typeof ALL)[number][]
  /** What the refusal calls it; undefined where it is signed. */
  readonly refused: string | undefined
}[] = [
  ...ALL.map((key) => ({ key, allowed: ALL, refused: undefined })),
  { key: 'RSA', allowed: STANDARD, refused: undefined },
  { key: 'RSA-1024', allowed: ALL, refused: 'RSA 1024' },
  { key: 'RSA', allowed: ['ECDSA-P256'], refused: 'RSA 2048' },
  { key: 'ECDSA-P256', allowed: ['RSA', 'ECDSA-P384'], refused: 'ECDSA P-256' },
  { key: 'ECDSA-P521', allowed: STANDARD, refused: 'ECDSA P-521' },
  { key: 'Ed25519', allowed: STANDARD, refused: 'Ed25519' },
]

for (const { key, allowed, refused } of KEYS) {
  test(`key: ${key} where ${allowed.join(', ')} may be signed`, () => {
    const { csr, csrPem } = testCsr({ subject: 'CN=istiod-ca', key: keys(key, 'csr') })
    const decision = decide(testFacts({ request: { csr: csrPem }, spec: { allowedKeys: [...allowed] } }))
    const refusal = `the issuer does not sign ${refused} keys; it signs ${allowed.join(', ')} (RSA from 2048 to 8192 bits)`
    assert.deepEqual(decision, refused === undefined ? testSign({ csr }) : failed('KeyNotAllowed', refusal))
  })
}

for (const key of ['ECDSA-secp256k1', 'Ed448'] as const) {
  test(`key: ${key}, which is never signed`, () => {
    const facts = testFacts({ request: { csr: testCsr({ key }).csrPem }, spec: { allowedKeys: [...ALL] } })
    const decision = decide(facts)
    assert.equal(decision.do, 'fail')
    assert.match(decision.message, new RegExp(key.replace('ECDSA-', '')))
  })
}

test('key: RSA of 8192 bits, the most that is signed', () => {
  assert.equal(decide(testFacts({ request: { csr: RSA_8192_CSR } })).do, 'sign')
})
