import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { cacertsData, read, testClusterFacts } from '../testing/doctor-facts.ts'
import type { Told } from '../testing/doctor-rows.ts'
import { type ClusterReport, examineCluster } from './cluster.ts'
import { FINDINGS } from './finding.ts'
import { examineFleet } from './fleet.ts'

const ROOT = testCa({ subject: 'CN=Root' })
const NEXT = testCa({ subject: 'CN=Next Root' })

/** A cluster whose CA is below the first root, and that trusts all of them. */
function cluster(name: string, ...roots: readonly TestCertificate[]): ClusterReport {
  const [signer = ROOT] = roots
  const data = cacertsData(testIntermediate(signer, { subject: `CN=${name}` }), ...roots)
  const facts = testClusterFacts({ cluster: name, cacerts: read({ type: 'kubernetes.io/tls', data }) })
  return examineCluster(facts, { workloadTtlMs: 86_400_000, now: TEST_NOW })
}

function short({ certificate }: TestCertificate): string {
  return certificate.fingerprint.slice(0, 16)
}

const REMEDY =
  'have the issuers of all clusters use CAs below one root; to bring meshes together step by step, publish both roots in all clusters first (trust.additionalRoots)'
const SETS: readonly Told[] = [
  {
    code: 'RootSetsDiffer',
    where: 'east, west',
    what: 'all clusters trust each other, but their ca.crt hold different sets of roots, as in the middle of a replacement of the root',
    remedy:
      'bring all clusters to the same set before the next step: the same trust.additionalRoots everywhere, then renew each Certificate',
  },
]

const ROWS: readonly {
  readonly name: string
  readonly clusters: readonly ClusterReport[]
  readonly findings: readonly Told[]
}[] = [
  { name: 'no cluster', clusters: [], findings: [] },
  { name: 'one cluster', clusters: [cluster('east', ROOT)], findings: [] },
  { name: 'one root', clusters: [cluster('east', ROOT), cluster('west', ROOT)], findings: [] },
  {
    name: 'one set, another signer',
    clusters: [cluster('east', ROOT, NEXT), cluster('west', NEXT, ROOT)],
    findings: [],
  },
  { name: 'one is wider', clusters: [cluster('east', ROOT), cluster('west', ROOT, NEXT)], findings: SETS },
  {
    name: 'one has moved on',
    clusters: [cluster('east', ROOT), cluster('west', NEXT, ROOT)],
    findings: [
      {
        code: 'RootsDiffer',
        where: 'east',
        what: `its workloads refuse those of west (root ${short(NEXT)}): it trusts ${short(ROOT)} only`,
        remedy: REMEDY,
      },
    ],
  },
  {
    name: 'each has a root of its own',
    clusters: [cluster('east', ROOT), cluster('north', ROOT), cluster('west', NEXT)],
    findings: [
      {
        code: 'RootsDiffer',
        where: 'east',
        what: `its workloads refuse those of west (root ${short(NEXT)}): it trusts ${short(ROOT)} only`,
        remedy: REMEDY,
      },
      {
        code: 'RootsDiffer',
        where: 'north',
        what: `its workloads refuse those of west (root ${short(NEXT)}): it trusts ${short(ROOT)} only`,
        remedy: REMEDY,
      },
      {
        code: 'RootsDiffer',
        where: 'west',
        what: `its workloads refuse those of east (root ${short(ROOT)}) and north (root ${short(ROOT)}): it trusts ${short(NEXT)} only`,
        remedy: REMEDY,
      },
    ],
  },
]

for (const { name, clusters, findings } of ROWS) {
  test(`fleet: ${name}`, () => {
    const found = examineFleet(clusters).map(({ severity, ...told }) => {
      assert.equal(severity, FINDINGS[told.code])
      return told
    })
    assert.deepEqual(found, findings)
  })
}
