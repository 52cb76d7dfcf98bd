import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FactsChange, testFacts } from '../testing/builders.ts'
import { type DecisionRow, failed, TEST_SIGN, waits } from '../testing/decisions.ts'
import { decide } from './decide.ts'
import type { Facts } from './facts.ts'

type Allowed = NonNullable<NonNullable<FactsChange['spec']>['allowedNamespaces']>
type Selector = NonNullable<Allowed['selector']>

const CERT_MANAGER = 'system:serviceaccount:cert-manager:cert-manager'
const TITLE = 'MeshCAIssuer istio-system/mesh'
const NOT_SERVED = waits(
  'NamespaceNotAllowed',
  `${TITLE} does not serve namespace istio-system; its owner can add it to allowedNamespaces`,
)

function clusterScoped(allowedNamespaces: Allowed, facts: Partial<Facts> = {}): FactsChange {
  return { spec: { allowedNamespaces }, issuer: { clusterScoped: true }, facts }
}

function notHeard(requester: string): DecisionRow['expected'] {
  return failed(
    'RequesterNotAllowed',
    `the issuer does not sign for ${requester}; ask through a Certificate, or have allowedRequesters extended`,
  )
}

const ROWS: readonly DecisionRow[] = [
  { name: 'the good facts', change: {}, expected: TEST_SIGN },
  {
    name: 'no such issuer',
    change: { facts: { issuer: undefined } },
    expected: waits('IssuerNotFound', `${TITLE} does not exist; create it, or correct the issuerRef`),
  },
  {
    name: 'an issuer that is not ready',
    change: { issuer: { readiness: { ready: false, message: 'the Secret ca does not exist' } } },
    expected: waits('IssuerNotReady', `${TITLE} is not ready: the Secret ca does not exist`),
  },
  {
    name: 'a namespaced issuer serves its namespace whatever allowedNamespaces says',
    change: { spec: { allowedNamespaces: { names: ['elsewhere'] } } },
    expected: TEST_SIGN,
  },
  {
    name: 'a cluster issuer that names nobody',
    change: { issuer: { clusterScoped: true } },
    expected: TEST_SIGN,
  },
  {
    name: 'a namespace that is named',
    change: clusterScoped({ names: ['team-a', 'istio-system'] }),
    expected: TEST_SIGN,
  },
  {
    name: 'a namespace that is not named',
    change: clusterScoped({ names: ['istio-system-2', 'istio'] }),
    expected: NOT_SERVED,
  },
  {
    name: 'the requester that is listed',
    change: { spec: { allowedRequesters: ['x', CERT_MANAGER] } },
    expected: TEST_SIGN,
  },
  {
    name: 'a requester of whom only the beginning is listed',
    change: { spec: { allowedRequesters: ['system:serviceaccount:cert-manager'] } },
    expected: notHeard(CERT_MANAGER),
  },
  {
    name: 'a requester in other letters',
    change: { spec: { allowedRequesters: [CERT_MANAGER] }, request: { requester: CERT_MANAGER.toUpperCase() } },
    expected: notHeard(CERT_MANAGER.toUpperCase()),
  },
  {
    name: 'a requester that nobody recorded',
    change: { spec: { allowedRequesters: [CERT_MANAGER] }, request: { requester: undefined } },
    expected: notHeard('an unknown requester'),
  },
  {
    name: 'an unknown requester where anybody may ask',
    change: { request: { requester: undefined } },
    expected: TEST_SIGN,
  },
]

for (const { name, change, expected } of ROWS) {
  test(`access: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}

const SELECTORS: readonly {
  readonly name: string
  readonly selector: Selector
  readonly labels: Facts['namespaceLabels']
  readonly served: boolean
}[] = [
  { name: 'an empty selector serves all', selector: {}, labels: {}, served: true },
  { name: 'an empty selector serves unknown namespaces', selector: {}, labels: undefined, served: true },
  {
    name: 'empty lists are an empty selector',
    selector: { matchLabels: {}, matchExpressions: [] },
    labels: {},
    served: true,
  },
  { name: 'equal labels', selector: { matchLabels: { mesh: 'on' } }, labels: { mesh: 'on', x: 'y' }, served: true },
  {
    name: 'a label of another value',
    selector: { matchLabels: { mesh: 'on' } },
    labels: { mesh: 'off' },
    served: false,
  },
  { name: 'a label that lacks', selector: { matchLabels: { mesh: 'on' } }, labels: {}, served: false },
  {
    name: 'one of two labels that lacks',
    selector: { matchLabels: { mesh: 'on', team: 'a' } },
    labels: { mesh: 'on' },
    served: false,
  },
  {
    name: 'labels that are not known yet',
    selector: { matchLabels: { mesh: 'on' } },
    labels: undefined,
    served: false,
  },
  { name: 'In', selector: where('In', ['a', 'b']), labels: { team: 'b' }, served: true },
  { name: 'In, another value', selector: where('In', ['a', 'b']), labels: { team: 'c' }, served: false },
  { name: 'In, no such label', selector: where('In', ['a']), labels: {}, served: false },
  { name: 'NotIn', selector: where('NotIn', ['a']), labels: { team: 'c' }, served: true },
  { name: 'NotIn, the value', selector: where('NotIn', ['a']), labels: { team: 'a' }, served: false },
  { name: 'NotIn, no such label', selector: where('NotIn', ['a']), labels: {}, served: true },
  { name: 'Exists', selector: where('Exists'), labels: { team: '' }, served: true },
  { name: 'Exists, no such label', selector: where('Exists'), labels: {}, served: false },
  { name: 'DoesNotExist', selector: where('DoesNotExist'), labels: {}, served: true },
  { name: 'DoesNotExist, there it is', selector: where('DoesNotExist'), labels: { team: 'a' }, served: false },
  {
    name: 'what objects inherit is no label',
    selector: { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] },
    labels: {},
    served: false,
  },
  {
    name: 'a label that objects inherit is a label where it is one',
    selector: { matchExpressions: [{ key: 'toString', operator: 'In', values: ['x'] }] },
    labels: { toString: 'x' },
    served: true,
  },
]

function where(operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[]): Selector {
  return { matchExpressions: [{ key: 'team', operator, ...(values && { values }) }] }
}

for (const { name, selector, labels, served } of SELECTORS) {
  test(`selector: ${name}`, () => {
    const facts = testFacts(clusterScoped({ selector }, { namespaceLabels: labels }))
    assert.deepEqual(decide(facts), served ? TEST_SIGN : NOT_SERVED)
  })
}
