import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INT, pem, ROOT, ROOT2, SUB } from '../testing/cacerts-rows.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { type CacertsReport, judgeCacerts } from './cacerts.ts'
import { cacertsFromPem } from './pem-files.ts'

function judged(text: string): CacertsReport {
  const mesh = { trustDomain: 'cluster.local', namespace: 'istio-system', revisions: [], extraDNSNames: [] }
  return judgeCacerts({ ...cacertsFromPem(text), where: 'files', mesh, workloadTtlMs: 86_400_000, now: TEST_NOW })
}

const ROWS: readonly { readonly name: string; readonly text: string; readonly codes: readonly string[] }[] = [
  { name: 'the chain, then the root', text: pem(INT, SUB, ROOT), codes: [] },
  { name: 'the root first among what is above', text: pem(INT, ROOT2, ROOT, SUB), codes: [] },
  { name: 'with the key', text: INT.privateKeyPem + pem(INT, SUB, ROOT), codes: [] },
  { name: 'with another key', text: pem(INT, SUB, ROOT) + SUB.privateKeyPem, codes: ['KeyMismatch'] },
  { name: 'no newline at the end', text: pem(INT, SUB, ROOT).trimEnd(), codes: [] },
  { name: 'no root', text: pem(INT, SUB), codes: ['CacertsIncomplete'] },
  { name: 'a root alone', text: pem(ROOT), codes: ['SelfSignedCA'] },
  { name: 'nothing', text: '', codes: ['CacertsIncomplete'] },
  { name: 'a broken block', text: `${pem(INT, SUB, ROOT)}-----BEGIN CERTIFICATE-----\n`, codes: ['PemUnreadable'] },
  {
    name: 'a broken block beside the key',
    text: `${INT.privateKeyPem}${pem(INT, SUB, ROOT)}-----BEGIN CERTIFICATE-----\n`,
    codes: ['PemUnreadable'],
  },
]

for (const { name, text, codes } of ROWS) {
  test(`loose PEM: ${name}`, () => {
    assert.deepEqual(
      judged(text).findings.map(({ code }) => code),
      codes,
    )
  })
}

test('findings name the parts, since files have no such names', () => {
  const [finding] = judged(pem(INT, SUB)).findings
  assert.equal(
    finding?.what,
    'the list of roots is missing or empty, and istiod ends at its start with "incomplete signing CA bundle detected"',
  )
  assert.equal(finding?.remedy, 'name the files that hold the rest as well')
})
