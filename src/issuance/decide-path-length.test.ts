import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FactsChange, testAuthority, testFacts, testReadiness } from '../testing/builders.ts'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { testCa, testIntermediate } from '../testing/certificates.ts'
import { failed, testSign, waits } from '../testing/decisions.ts'
import { decide } from './decide.ts'

const ROOT = { subject: 'CN=Mesh Root' }

/** A path length that is issued, or why none is. */
type Outcome = number | { readonly refused: string } | { readonly spent: string }

interface Row {
  readonly name: string
  readonly wish?: string
  readonly spec?: FactsChange['spec']
  readonly path?: readonly TestCertificate[]
  readonly expected: Outcome
}

const LARGEST = { maxPathLength: 255 }

function notANumber(maximum: number): Outcome {
  return { refused: `the path length that the annotation asks for is not a number from 0 to ${maximum}` }
}

function above(wish: string, maximum: number): Outcome {
  return { refused: `the annotation asks for path length ${wish}, and the issuer allows at most ${maximum}` }
}

function spent(subject: string, limit: number, length: number): Outcome {
  return {
    spent: `${subject} allows a path length of ${limit}, too little for a CA of path length ${length} below it; use a CA with a greater one`,
  }
}

/** A root above one CA, each with a path length of its own. */
function below(root: number | null, sub: number | null): readonly TestCertificate[] {
  const top = testCa({ ...ROOT, pathLength: root })
  return [testIntermediate(top, { subject: 'CN=Sub', pathLength: sub }), top]
}

const ROWS: readonly Row[] = [
  { name: 'no wish', expected: 0 },
  { name: 'no wish, an issuer with its own', spec: { pathLength: 2 }, expected: 2 },
  { name: 'a wish up to the maximum', wish: '2', spec: { maxPathLength: 2 }, expected: 2 },
  { name: 'a wish below the standard', wish: '0', spec: { pathLength: 2, maxPathLength: 2 }, expected: 0 },
  { name: 'a wish above the maximum', wish: '3', spec: { maxPathLength: 2 }, expected: above('3', 2) },
  { name: 'without a maximum the standard is it', wish: '1', spec: { pathLength: 0 }, expected: above('1', 0) },
  { name: 'two digits', wish: '12', spec: LARGEST, expected: 12 },
  { name: 'the largest', wish: '255', spec: LARGEST, expected: 255 },
  { name: 'beyond the largest', wish: '256', spec: LARGEST, expected: above('256', 255) },
  ...[
    '',
    ' ',
    '-1',
    '+1',
    '1.0',
    '1e1',
    '0x1',
    '01',
    '1 ',
    '１',
    'NaN',
    'Infinity',
    '__proto__',
    '9'.repeat(100_000),
  ].map((wish) => ({ name: `no number: ${wish.slice(0, 20)}`, wish, spec: LARGEST, expected: notANumber(255) })),
  { name: 'a root with room', path: [testCa({ ...ROOT, pathLength: 1 })], expected: 0 },
  { name: 'a root without room', path: [testCa({ ...ROOT, pathLength: 0 })], expected: spent('CN=Mesh Root', 0, 0) },
  { name: 'a signer without room', path: below(null, 0), expected: spent('CN=Sub', 0, 0) },
  { name: 'a root that counts the signer too', path: below(1, null), expected: spent('CN=Mesh Root', 1, 0) },
  { name: 'room all the way up', path: below(2, 1), expected: 0 },
  { name: 'a wish that takes the room', wish: '1', spec: LARGEST, path: below(2, 1), expected: spent('CN=Sub', 1, 1) },
]

for (const { name, wish, spec = {}, path, expected } of ROWS) {
  test(`path length: ${name}`, () => {
    const readiness = path && testReadiness(testAuthority(...path))
    const decision = decide(
      testFacts({ request: { pathLengthWish: wish }, spec, issuer: { ...(readiness && { readiness }) } }),
    )
    if (typeof expected === 'number') {
      assert.ok(decision.do === 'sign')
      assert.deepEqual(decision.request, testSign({ pathLength: expected }).request)
    } else if ('refused' in expected) assert.deepEqual(decision, failed('PathLengthRefused', expected.refused))
    else assert.deepEqual(decision, waits('PathLengthSpent', expected.spent))
  })
}
