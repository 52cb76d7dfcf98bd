import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime } from '../api/time.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { issuerCondition, read, testReadyIssuer } from '../testing/doctor-facts.ts'
import { testRows } from '../testing/doctor-rows.ts'
import type { ClusterFacts } from './facts.ts'
import { authorityEnd } from './issuer-findings.ts'

const issuer = (change: Parameters<typeof testReadyIssuer>[0]): Partial<ClusterFacts> => ({
  issuers: { MeshCAIssuer: read([testReadyIssuer(change)]), MeshCAClusterIssuer: read([]) },
})

const CONTROLLER_REMEDY =
  'see that mesh-ca-issuer runs, serves this namespace and kind of issuer (--watch-namespaces), and holds its Lease (kubectl get pods,leases -A | grep mesh-ca-issuer), and look at its log'

testRows('issuer', [
  {
    name: 'never checked',
    change: issuer({ conditions: [] }),
    findings: [
      {
        code: 'IssuerUnchecked',
        where: 'MeshCAIssuer istio-system/mesh',
        what: 'no controller has checked generation 1 of it, nor any before',
        remedy: CONTROLLER_REMEDY,
      },
    ],
  },
  {
    name: 'changed since its check',
    change: issuer({ generation: 2 }),
    findings: [
      {
        code: 'IssuerUnchecked',
        where: 'MeshCAIssuer istio-system/mesh',
        what: 'no controller has checked generation 2 of it',
        remedy: CONTROLLER_REMEDY,
      },
    ],
  },
  {
    name: 'not ready',
    change: issuer({ conditions: [issuerCondition('Ready', 'False', 'the Secret ca does not exist')] }),
    findings: [
      {
        code: 'IssuerNotReady',
        where: 'MeshCAIssuer istio-system/mesh',
        what: 'it signs nothing (Broken): the Secret ca does not exist',
        remedy: 'mend what the message names; mesh-ca check istio-system/mesh tries it again without signing',
      },
    ],
  },
  {
    name: 'ready, with a change of trust held back',
    change: issuer({
      conditions: [issuerCondition('Ready', 'True'), issuerCondition('TrustReady', 'False', 'widen first')],
    }),
    findings: [
      {
        code: 'TrustChangeHeld',
        where: 'MeshCAIssuer istio-system/mesh',
        what: 'a change of roots is held back (Broken): widen first',
        remedy: 'take the steps that the message names one by one, renewing every Certificate behind each',
      },
    ],
  },
])

test('an authority ends with its root where that ends first', () => {
  const issuer = testReadyIssuer({ authorityEnds: TEST_NOW + 20_000 })
  const { authority } = issuer.status
  const root = (fingerprint: string, ends: number) => ({ subject: 'CN=Root', fingerprint, notAfter: formatTime(ends) })
  const roots = [root('another', TEST_NOW), root(authority?.rootFingerprint ?? '', TEST_NOW + 10_000)]
  assert.equal(authorityEnd(issuer), TEST_NOW + 20_000)
  const trustBundle = { sha256: '', roots }
  assert.equal(authorityEnd({ ...issuer, status: { ...issuer.status, trustBundle } }), TEST_NOW + 10_000)
  assert.equal(authorityEnd({ ...issuer, status: {} }), undefined)
})
