import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AWS_CA, AWS_ROOT, awsRequest } from '../../testing/aws-stage.ts'
import { testAuthority } from '../../testing/builders.ts'
import { testIntermediate } from '../../testing/certificates.ts'
import { type Authority, SigningError, type SigningRequest } from '../backend.ts'
import { refuseBeyondAuthority } from './limits.ts'

const WEEK_MS = 7 * 86_400_000
const REQUEST = awsRequest()
const WIDE = testAuthority(AWS_CA, AWS_ROOT)
const SHORT = { ...WIDE, longestLifeMs: WEEK_MS }
const SPENT = testAuthority(testIntermediate(AWS_ROOT, { pathLength: 0 }), AWS_ROOT)
const ENDING = testAuthority(testIntermediate(AWS_ROOT, { pathLength: 1, notAfter: REQUEST.notAfter }), AWS_ROOT)

interface Row {
  readonly name: string
  readonly request?: Partial<SigningRequest>
  readonly authority?: Authority
  readonly refusal?: readonly [string, string]
}

const ROWS: readonly Row[] = [
  { name: 'well within' },
  { name: 'ending with its CA', authority: ENDING },
  {
    name: 'W-A14: ending a second after its CA',
    authority: ENDING,
    request: { notAfter: REQUEST.notAfter + 1000 },
    refusal: ['recheck-issuer', 'authority-ends-first'],
  },
  { name: 'path length just below that of the CA', request: { pathLength: 2 } },
  {
    name: 'the path length of the CA',
    request: { pathLength: 3 },
    refusal: ['recheck-issuer', 'path-length-spent'],
  },
  { name: 'a CA below path length 0', authority: SPENT, refusal: ['recheck-issuer', 'path-length-spent'] },
  { name: 'no CA below path length 0', authority: SPENT, request: { isCA: false } },
  { name: 'seven days of a short-lived CA', authority: SHORT, request: { notAfter: REQUEST.notBefore + WEEK_MS } },
  {
    name: 'W-A14: seven days and a second of a short-lived CA',
    authority: SHORT,
    request: { notAfter: REQUEST.notBefore + WEEK_MS + 1000 },
    refusal: ['give-up', 'short-lived-exceeded'],
  },
]

for (const { name, request = {}, authority = WIDE, refusal } of ROWS) {
  test(`limits: ${name}`, () => {
    const act = () => refuseBeyondAuthority({ ...REQUEST, ...request }, authority)
    if (refusal === undefined) return act()
    assert.throws(act, (error: unknown) => {
      assert.ok(error instanceof SigningError)
      assert.deepEqual([error.remedy, error.code], refusal)
      return true
    })
  })
}
