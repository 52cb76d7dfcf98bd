import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CacertsFacts, type CacertsReport, judgeCacerts } from '../doctor/cacerts.ts'
import type { FindingCode } from '../doctor/finding.ts'
import type { TestCertificate } from './certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from './certificates.ts'

export const DAY_MS = 86_400_000
const MESH = { trustDomain: 'cluster.local', namespace: 'istio-system', revisions: [], extraDNSNames: [] }

export const ROOT = testCa({ subject: 'CN=Root' })
export const ROOT2 = testCa({ subject: 'CN=Root 2' })
export const SUB = subOf({})
export const INT = below(SUB, {})
/** Directly below the root. */
export const TWO = below(ROOT, {})

/** Entries of a Secret, by key. */
export type Entries = Readonly<Record<string, string>>

/** istiod's CA below another. */
export function below(issuer: TestCertificate, options: Parameters<typeof testIntermediate>[1]): TestCertificate {
  return testIntermediate(issuer, { subject: 'CN=Int', ...options })
}

/** A CA between it and the root. */
export function subOf(options: Parameters<typeof testIntermediate>[1]): TestCertificate {
  return testIntermediate(ROOT, { subject: 'CN=Sub', pathLength: 1, notAfter: TEST_NOW + 900 * DAY_MS, ...options })
}

export function pem(...certificates: readonly TestCertificate[]): string {
  return certificates.map(({ certificatePem }) => certificatePem).join('')
}

/** tls.crt, ca.crt, and the key of the first. */
export function tls(
  chain: readonly TestCertificate[],
  roots: readonly TestCertificate[],
  change: Entries = {},
): Entries {
  return { 'tls.crt': pem(...chain), 'tls.key': chain[0]?.privateKeyPem ?? '', 'ca.crt': pem(...roots), ...change }
}

export function without(data: Entries, key: string): Entries {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== key))
}

export function judged(data: Entries, change: Partial<CacertsFacts> = {}): CacertsReport {
  const facts = { data, withKey: true, where: 'Secret cacerts', mesh: MESH, workloadTtlMs: DAY_MS, now: TEST_NOW }
  return judgeCacerts({ ...facts, ...change })
}

/** What a real istiod did with an equal Secret; the number is that of the measurement. */
export interface CacertsRow {
  readonly name: string
  readonly data: Entries
  /** Whether it starts. */
  readonly up: boolean
  /** Who is refused once it runs; undefined where it does not, or where nobody below another CA would trust it. */
  readonly refused?: readonly ('server' | 'client' | 'istiod')[]
  readonly codes: readonly FindingCode[]
}

/** A test for each row, and none of them may tell of the key. */
export function testCacerts(rows: readonly CacertsRow[]): void {
  for (const { name, data, up, refused, codes } of rows) {
    test(`cacerts: ${name}`, () => {
      const { start, trials, findings } = judged(data)
      assert.equal(start.ok, up, start.ok ? 'it would start' : start.because)
      const verdicts = [
        ['server', trials.workloadServer],
        ['client', trials.workloadClient],
        ['istiod', trials.istiodServer],
      ] as const
      const reached = verdicts.every(([, verdict]) => verdict !== undefined)
      const found = verdicts.filter(([, verdict]) => verdict?.ok === false).map(([who]) => who)
      assert.deepEqual(reached ? found : undefined, refused)
      assert.deepEqual([...findings.map(({ code }) => code)].sort(), [...codes].sort())
      assertKeepsKey(JSON.stringify(findings), data['tls.key'] ?? '')
    })
  }
}

function assertKeepsKey(said: string, key: string): void {
  for (const line of key.split('\n').filter((one) => one.length >= 20 && !one.startsWith('-')))
    assert.ok(!said.includes(line.slice(0, 20)))
}
