import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EKU } from '../pki/key-usage.ts'
import { below, INT, judged, ROOT, ROOT2, SUB, tls, without } from '../testing/cacerts-rows.ts'

test('a finding says what, where and what to do', () => {
  const { findings } = judged(tls([below(SUB, { extKeyUsage: [EKU.serverAuth] }), SUB], [ROOT]))
  assert.deepEqual(findings, [
    {
      code: 'WorkloadRefused',
      severity: 'problem',
      where: 'Secret cacerts',
      what: 'istiod loads it, but peers would refuse a workload of trust domain cluster.local as client: "CN=Int" is limited to extended key usages without 1.3.6.1.5.5.7.3.2',
      remedy:
        'have the PKI issue a CA without this limit, then renew the Certificate; an issuer with profile MeshCA proves this before it hands a CA over',
    },
  ])
})

test('public files are judged without a key', () => {
  const data = without(tls([INT, SUB], [ROOT]), 'tls.key')
  assert.deepEqual(judged(data, { withKey: false }).findings, [])
})

test('the report names the certificates that count', () => {
  const report = judged(tls([INT, SUB, ROOT], [ROOT2, ROOT]))
  const names = [report.certificate, ...report.above, report.root].map((one) => one?.subject.text)
  assert.deepEqual([names, report.roots.length, report.format], [['CN=Int', 'CN=Sub', 'CN=Root'], 2, 'cert-manager'])
})
