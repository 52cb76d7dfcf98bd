import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testCa, testIntermediate } from '../testing/certificates.ts'
import { constructedTag, contextTag } from './der-reader.ts'
import { element, nullValue, objectIdentifier, octetString, sequence } from './der-writer.ts'
import { OID } from './extensions.ts'

const root = testCa()
const policy = (oid: string, ...more: readonly Uint8Array[]) => sequence(objectIdentifier(oid), ...more)
const octet = (field: number) => element(contextTag(field), Buffer.of(0))
const point = sequence(element(constructedTag(0), element(constructedTag(0), element(contextTag(6), Buffer.from('a')))))
const DEMAND = 'demands certificate policies (policyConstraints), which workloads do not have'

const rows: readonly (readonly [what: string, oid: string, value: Uint8Array, byGo?: boolean, message?: string])[] = [
  ['policies', OID.certificatePolicies, sequence(policy('1.2.3'), policy('1.2.4', sequence()))],
  ['no policy', OID.certificatePolicies, sequence(), false, 'has the extension 2.5.29.32 without a value'],
  [
    'a policy twice',
    OID.certificatePolicies,
    sequence(policy('1.2.3'), policy('1.2.3')),
    true,
    'has the certificate policy 1.2.3 twice',
  ],
  ['what is no policy', OID.certificatePolicies, sequence(nullValue()), true, 'has a malformed extension 2.5.29.32'],
  ['what is no list', OID.certificatePolicies, nullValue(), true, 'has a malformed extension 2.5.29.32'],
  [
    'bytes behind it',
    OID.certificatePolicies,
    Buffer.concat([sequence(policy('1.2.3')), nullValue()]),
    true,
    'has a malformed extension 2.5.29.32',
  ],
  ['a demand for policies', OID.policyConstraints, sequence(octet(0), octet(1)), true, DEMAND],
  ['a ban on mapped policies', OID.policyConstraints, sequence(octet(1))],
  [
    'policy constraints without any',
    OID.policyConstraints,
    sequence(),
    false,
    'has the extension 2.5.29.36 without a value',
  ],
  ['points of CRLs', OID.crlDistributionPoints, sequence(point, point)],
  ['no points', OID.crlDistributionPoints, sequence(), false, 'has the extension 2.5.29.31 without a value'],
  [
    'what is no point',
    OID.crlDistributionPoints,
    sequence(octetString(Buffer.of(1))),
    true,
    'has a malformed extension 2.5.29.31',
  ],
]

describe('extensions that only peers judge', () => {
  for (const [what, oid, value, byGo, message] of rows) {
    test(what, () => {
      const { certificate } = testIntermediate(root, { extensions: [{ oid, critical: false, value }] })
      assert.deepEqual(certificate.peerFault, message === undefined ? undefined : { byGo, message })
    })
  }

  test('critical points of CRLs', () => {
    const extensions = [{ oid: OID.crlDistributionPoints, critical: true, value: sequence(point) }]
    const message = 'has critical CRL distribution points, which Envoy does not know'
    assert.deepEqual(testIntermediate(root, { extensions }).certificate.peerFault, { byGo: false, message })
  })
})
