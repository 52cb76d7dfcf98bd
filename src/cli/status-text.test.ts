import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterStatus, type StatusFacts } from '../doctor/status.ts'
import { testClusterIssuer } from '../testing/builders.ts'
import { DOCTOR_ROOT, issuerCondition, read, testCertificateFacts, testReadyIssuer } from '../testing/doctor-facts.ts'
import { statusJson, statusText } from './status-text.ts'

const ROOT = DOCTOR_ROOT.certificate.fingerprint

function facts(change: Partial<StatusFacts> = {}): StatusFacts {
  return {
    cluster: 'east',
    issuers: { MeshCAIssuer: read([testReadyIssuer()]), MeshCAClusterIssuer: read([]) },
    certificates: read([
      testCertificateFacts(),
      testCertificateFacts({ name: 'elsewhere', spec: { issuerRef: { kind: 'Issuer', name: 'vault' } } }),
    ]),
    ...change,
  }
}

const WEST = facts({
  cluster: 'arn:aws:eks:eu-central-1:111122223333:cluster/west',
  issuers: {
    MeshCAIssuer: read([
      testReadyIssuer({ conditions: [issuerCondition('Ready', 'False', 'the Secret ca does not exist')] }),
    ]),
    MeshCAClusterIssuer: read([testClusterIssuer({ metadata: { name: 'fleet' } })]),
  },
  certificates: { state: 'forbidden', right: 'list certificates.cert-manager.io in all namespaces' },
})

test('a fleet is two tables, and below them what is not ready or could not be read', () => {
  assert.equal(
    statusText([facts(), WEST].map(clusterStatus)).replaceAll(ROOT.slice(0, 16), '1111111111111111'),
    `CLUSTER               ISSUER             READY    BACKEND  AUTHORITY ENDS    ROOT
east                  istio-system/mesh  True     CA       2036-11-20 12:00  1111111111111111
arn:aws:…luster/west  fleet (cluster)    Unknown
arn:aws:…luster/west  istio-system/mesh  False    CA       2036-11-20 12:00  1111111111111111

CLUSTER  CERTIFICATE           ISSUER  READY  ENDS              RENEWS
east     istio-system/cacerts  mesh    True   2027-02-20 12:00  2027-01-21 12:00

arn:aws:eks:eu-central-1:111122223333:cluster/west, fleet (cluster): no controller has checked it

arn:aws:eks:eu-central-1:111122223333:cluster/west, istio-system/mesh: the Secret ca does not exist

arn:aws:eks:eu-central-1:111122223333:cluster/west: the kubeconfig's user may not list
certificates.cert-manager.io in all namespaces; have a role grant it, or name a --namespace
`,
  )
})

test('nothing there', () => {
  const absent = { state: 'absent' } as const
  const status = clusterStatus(
    facts({ issuers: { MeshCAIssuer: absent, MeshCAClusterIssuer: absent }, certificates: absent }),
  )
  assert.equal(
    statusText([status]),
    'no issuers that could be read\n\nno Certificates that could be read\n\neast: cert-manager or the CRDs of mesh-ca-issuer are not installed\n',
  )
})

test('where all was read, nothing is nothing', () => {
  const none = { MeshCAIssuer: read([]), MeshCAClusterIssuer: read([]) }
  assert.equal(
    statusText([clusterStatus(facts({ issuers: none, certificates: read([]) }))]),
    'no issuers\n\nno Certificates\n',
  )
})

test('a cluster that is away is told with what to do, and a Certificate below a cluster issuer with its kind', () => {
  const failed = { state: 'failed', message: 'the API server cannot be reached (ECONNREFUSED)' } as const
  const issuerRef = { group: 'meshca.dev', kind: 'MeshCAClusterIssuer', name: 'fleet' }
  const below = facts({ certificates: read([testCertificateFacts({ spec: { issuerRef } })]) })
  const away = facts({ issuers: { MeshCAIssuer: failed, MeshCAClusterIssuer: failed }, certificates: failed })
  const text = statusText([below, away].map(clusterStatus))
  assert.match(text, /\neast {5}istio-system\/cacerts {2}fleet \(cluster\) {2}True /)
  assert.match(
    text,
    /\neast: the API server cannot be reached \(ECONNREFUSED\); see that the context of the kubeconfig is\nright and its credentials are good \(kubectl get ns\)\n$/,
  )
})

test('programs are given everything that is known, and null for what is not', () => {
  const [east, west] = [facts(), WEST].map(clusterStatus)
  assert.deepEqual(statusJson([east, west].filter((one) => one !== undefined)), {
    clusters: [
      {
        cluster: 'east',
        issuers: [
          {
            kind: 'MeshCAIssuer',
            namespace: 'istio-system',
            name: 'mesh',
            ready: 'True',
            reason: 'Checked',
            message: 'the issuer can sign',
            backend: 'CA',
            authorityEnds: '2036-11-20T12:00:00Z',
            root: ROOT,
            bundle: null,
          },
        ],
        certificates: [
          {
            namespace: 'istio-system',
            name: 'cacerts',
            issuer: { kind: 'MeshCAIssuer', name: 'mesh' },
            secretName: 'cacerts',
            ready: true,
            ends: '2027-02-20T12:00:00Z',
            renews: '2027-01-21T12:00:00Z',
          },
        ],
        gaps: [],
      },
      {
        cluster: 'arn:aws:eks:eu-central-1:111122223333:cluster/west',
        issuers: [
          {
            kind: 'MeshCAClusterIssuer',
            namespace: null,
            name: 'fleet',
            ready: 'Unknown',
            reason: null,
            message: null,
            backend: null,
            authorityEnds: null,
            root: null,
            bundle: null,
          },
          {
            kind: 'MeshCAIssuer',
            namespace: 'istio-system',
            name: 'mesh',
            ready: 'False',
            reason: 'Broken',
            message: 'the Secret ca does not exist',
            backend: 'CA',
            authorityEnds: '2036-11-20T12:00:00Z',
            root: ROOT,
            bundle: null,
          },
        ],
        certificates: [],
        gaps: [
          "the kubeconfig's user may not list certificates.cert-manager.io in all namespaces; have a role grant it, or name a --namespace",
        ],
      },
    ],
  })
})
