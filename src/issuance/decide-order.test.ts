import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FactsChange, TEST_ROOT, testAuthority, testFacts, testReadiness } from '../testing/builders.ts'
import { testCa, testCsr } from '../testing/certificates.ts'
import { TEST_SIGN } from '../testing/decisions.ts'
import { constraints } from '../testing/names.ts'
import { trustPair } from '../trust/transition.ts'
import { decide } from './decide.ts'

const OUTSIDE = constraints({ dnsDomains: ['outside.example'] })
const SHORT = testCa({ subject: 'CN=Mesh Root', pathLength: 0, notAfter: TEST_SIGN.request.notAfter - 1000 })

/** Each step mends what the one before it was refused for, so the codes come in the order of the gates. */
const STEPS: readonly { readonly code: string; readonly mend: FactsChange }[] = [
  { code: 'IssuerNotFound', mend: { issuer: { clusterScoped: true } } },
  { code: 'NamespaceNotAllowed', mend: { spec: { allowedNamespaces: { selector: {} } } } },
  { code: 'IssuerNotReady', mend: { issuer: { readiness: testReadiness(testAuthority(SHORT)) } } },
  { code: 'RequesterNotAllowed', mend: { spec: { allowedRequesters: ['somebody'] } } },
  { code: 'ProfileMismatch', mend: { request: { isCA: true } } },
  { code: 'InvalidCSR', mend: { request: { csr: badCsr({ key: 'Ed25519' }) } } },
  { code: 'KeyNotAllowed', mend: { request: { csr: badCsr({}) } } },
  { code: 'InvalidUsages', mend: { request: { usages: ['client auth'] } } },
  { code: 'UsagesMismatch', mend: { request: { usages: [] } } },
  { code: 'SubjectMissing', mend: { request: { csr: badCsr({ subject: 'CN=Mesh Root' }) } } },
  { code: 'SubjectTaken', mend: { request: { csr: badCsr({ subject: 'CN=New' }) } } },
  { code: 'NameConstraintsRefused', mend: { request: { csr: testCsr({ subject: 'CN=New' }).csrPem } } },
  { code: 'PathLengthRefused', mend: { request: { pathLengthWish: '0' } } },
  { code: 'PathLengthSpent', mend: { issuer: { readiness: testReadiness(testAuthority(longer())) } } },
  { code: 'InvalidDuration', mend: { request: { duration: '720h' } } },
  { code: 'AuthorityEndsFirst', mend: { issuer: { readiness: testReadiness(testAuthority(TEST_ROOT)) } } },
  { code: 'TrustChangeUnsafe', mend: { facts: { own: undefined } } },
]

function badCsr(options: { readonly key?: 'Ed25519'; readonly subject?: string }): string {
  return testCsr({ subject: '', nameConstraints: OUTSIDE, ...options }).csrPem
}

function longer(): typeof TEST_ROOT {
  return testCa({ subject: 'CN=Mesh Root', notAfter: TEST_SIGN.request.notAfter - 1000 })
}

/** Everything that can be wrong is. */
const BAD: FactsChange = {
  request: {
    requester: 'somebody',
    isCA: false,
    csr: 'no CSR',
    usages: ['no usage'],
    pathLengthWish: '9',
    duration: '0s',
  },
  spec: {
    allowedNamespaces: { names: ['elsewhere'] },
    allowedRequesters: ['else'],
    nameConstraints: { permitted: { dnsDomains: ['inside.example'] } },
  },
  facts: {
    own: { certificate: 'istio-system/istio-ca', pair: trustPair('A', ['A']), since: 0 },
    issuer: undefined,
  },
}

function applied(steps: number): FactsChange {
  return STEPS.slice(0, steps).reduce<FactsChange>(
    (change, { mend }) => ({
      request: { ...change.request, ...mend.request },
      spec: { ...change.spec, ...mend.spec },
      issuer: { ...change.issuer, ...mend.issuer },
      facts: { ...change.facts, ...mend.facts },
    }),
    { ...BAD, issuer: { readiness: { ready: false, message: 'broken' } } },
  )
}

test('the gates stand in this order, and the first that objects answers', () => {
  const codes = STEPS.map((_, index) => {
    const { facts, ...change } = applied(index)
    const { issuer: _absent, ...rest } = facts ?? {}
    const decision = decide(testFacts({ ...change, facts: index === 0 ? (facts ?? {}) : rest }))
    return decision.do === 'sign' ? 'signed' : decision.code
  })
  assert.deepEqual(
    codes,
    STEPS.map(({ code }) => code),
  )
})

test('facts mended gate by gate are signed in the end', () => {
  const { facts, ...change } = applied(STEPS.length)
  const { issuer: _absent, ...rest } = facts ?? {}
  assert.equal(decide(testFacts({ ...change, facts: rest })).do, 'sign')
})
