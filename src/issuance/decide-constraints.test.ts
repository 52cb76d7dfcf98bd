import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NameConstraints } from '../pki/name-constraints.ts'
import { type FactsChange, testFacts } from '../testing/builders.ts'
import { testCsr } from '../testing/certificates.ts'
import { type DecisionRow, failed, TEST_SIGN, testSign } from '../testing/decisions.ts'
import { constraints } from '../testing/names.ts'
import { decide } from './decide.ts'

type Spec = NonNullable<FactsChange['spec']>['nameConstraints']

function row(
  name: string,
  asked: NameConstraints | undefined,
  { spec, result }: { readonly spec: Spec; readonly result: NameConstraints | string },
): DecisionRow {
  const csr = testCsr({ subject: 'CN=istiod-ca', ...(asked && { nameConstraints: asked }) })
  const expected =
    typeof result === 'string'
      ? failed('NameConstraintsRefused', `the request permits more names than the issuer does: ${result}`)
      : testSign({ csr: csr.csr, nameConstraints: result }, { mesh: undefined })
  return { name, change: { request: { csr: csr.csrPem }, spec: { profile: 'Any', nameConstraints: spec } }, expected }
}

const OWN: Spec = { permitted: { dnsDomains: ['a.example', 'b.example'] }, excluded: { dnsDomains: ['x.a.example'] } }
const OWN_RESULT = constraints({ dnsDomains: ['a.example', 'b.example'] }, { dnsDomains: ['x.a.example'] })

const ROWS: readonly DecisionRow[] = [
  row("none asked for: the issuer's", undefined, { spec: OWN, result: OWN_RESULT }),
  row("none of the issuer: the request's", constraints({ uriDomains: ['td.example'] }), {
    spec: undefined,
    result: constraints({ uriDomains: ['td.example'] }),
  }),
  row(
    'inside one of the alternatives: that alone, with what the issuer excludes',
    constraints({ dnsDomains: ['c.a.example'] }),
    {
      spec: OWN,
      result: constraints({ dnsDomains: ['c.a.example'] }, { dnsDomains: ['x.a.example'] }),
    },
  ),
  row('one inside and one outside', constraints({ dnsDomains: ['a.example', 'example'] }), {
    spec: OWN,
    result: 'DNS name subtree "example" is not inside "a.example", "b.example"',
  }),
  row('every name', constraints({ dnsDomains: [''] }), {
    spec: OWN,
    result: 'DNS name subtree "" is not inside "a.example", "b.example"',
  }),
  row('a name that only ends alike', constraints({ dnsDomains: ['notb.example'] }), {
    spec: OWN,
    result: 'DNS name subtree "notb.example" is not inside "a.example", "b.example"',
  }),
  row('letters do not count', constraints({ dnsDomains: ['C.A.Example'] }), {
    spec: OWN,
    result: constraints({ dnsDomains: ['c.a.example'] }, { dnsDomains: ['x.a.example'] }),
  }),
  row("another kind of name: constrained beside the issuer's", constraints({ uriDomains: ['td.example'] }), {
    spec: OWN,
    result: constraints(
      { dnsDomains: ['a.example', 'b.example'], uriDomains: ['td.example'] },
      { dnsDomains: ['x.a.example'] },
    ),
  }),
  row('excluded by both', constraints({}, { dnsDomains: ['y.a.example', 'x.a.example'], ipRanges: ['10.0.0.0/8'] }), {
    spec: OWN,
    result: constraints(
      { dnsDomains: ['a.example', 'b.example'] },
      { dnsDomains: ['y.a.example', 'x.a.example'], ipRanges: ['10.0.0.0/8'] },
    ),
  }),
  row('a wider range of addresses', constraints({ ipRanges: ['10.0.0.0/7'] }), {
    spec: { permitted: { ipRanges: ['10.0.0.0/8', '192.168.0.0/16'] } },
    result: 'IP address subtree "10.0.0.0/7" is not inside "10.0.0.0/8", "192.168.0.0/16"',
  }),
  row('addresses of the other family', constraints({ ipRanges: ['::/0'] }), {
    spec: { permitted: { ipRanges: ['0.0.0.0/0'] } },
    result: 'IP address subtree "::/0" is not inside "0.0.0.0/0"',
  }),
  row('mailboxes', constraints({ emailAddresses: ['ops@a.example'] }), {
    spec: { permitted: { emailAddresses: ['a.example'] } },
    result: constraints({ emailAddresses: ['ops@a.example'] }),
  }),
  row(
    'criticality is the stricter of the two',
    { ...constraints({ dnsDomains: ['a.example'] }), critical: false },
    {
      spec: OWN,
      result: constraints({ dnsDomains: ['a.example'] }, { dnsDomains: ['x.a.example'] }),
    },
  ),
  row('critical because of the request', constraints({ dnsDomains: ['a.example'] }), {
    spec: { ...OWN, critical: false },
    result: constraints({ dnsDomains: ['a.example'] }, { dnsDomains: ['x.a.example'] }),
  }),
  row(
    'not critical where neither is',
    { ...constraints({ dnsDomains: ['a.example'] }), critical: false },
    {
      spec: { permitted: { dnsDomains: ['a.example'] }, critical: false },
      result: { ...constraints({ dnsDomains: ['a.example'] }), critical: false },
    },
  ),
]

for (const { name, change, expected } of ROWS) {
  test(`name constraints: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}

test('name constraints: the issuer’s are not put into what is no CA', () => {
  const decision = decide(
    testFacts({ request: { isCA: false, usages: [] }, spec: { profile: 'Any', nameConstraints: OWN } }),
  )
  assert.ok(decision.do === 'sign')
  assert.equal(decision.request.nameConstraints, undefined)
})

test('name constraints: without any there are none', () => {
  assert.ok(!('nameConstraints' in TEST_SIGN.request))
  assert.deepEqual(decide(testFacts()), TEST_SIGN)
})
