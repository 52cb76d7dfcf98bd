import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examineCluster } from '../doctor/cluster.ts'
import type { ClusterFacts } from '../doctor/facts.ts'
import { FINDINGS, type Finding } from '../doctor/finding.ts'
import { TEST_NOW } from './certificates.ts'
import { testClusterFacts } from './doctor-facts.ts'

const DAY_MS = 86_400_000

/** A finding without the severity, which follows from the code. */
export type Told = Omit<Finding, 'severity'>

export interface DoctorRow {
  readonly name: string
  /** To a cluster with nothing wrong. */
  readonly change: Partial<ClusterFacts>
  readonly findings: readonly Told[]
}

/** What is found in a cluster with nothing wrong but this. */
export function examined(change: Partial<ClusterFacts>): readonly Told[] {
  const { findings } = examineCluster(testClusterFacts(change), { workloadTtlMs: DAY_MS, now: TEST_NOW })
  return findings.map(({ severity, ...told }) => {
    assert.equal(severity, FINDINGS[told.code])
    return told
  })
}

/** A test for each row: everything that is found is asserted. */
export function testRows(title: string, rows: readonly DoctorRow[]): void {
  for (const { name, change, findings } of rows) {
    test(`${title}: ${name}`, () => assert.deepEqual(examined(change), findings))
  }
}
