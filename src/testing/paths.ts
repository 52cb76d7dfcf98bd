import type { Certificate } from '../pki/certificate.ts'
import type { TestCertificate, TestCertificateOptions } from './certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from './certificates.ts'

/** What is to differ from a good path. */
export interface PathChanges {
  readonly root?: TestCertificateOptions
  readonly sub?: TestCertificateOptions
  readonly int?: TestCertificateOptions
}

/** TLS stacks that judge a path beside us. */
export type Judge = 'OpenSSL' | 'BoringSSL'

/** A path to a leaf of both roles, and what becomes of it. */
export interface PathRow {
  readonly what: string
  readonly changes: PathChanges
  /** Of our refusal; without one every judge must take the path. */
  readonly code?: string
  /** Judges that take what we refuse. */
  readonly takenBy?: readonly Judge[]
}

export interface TestPath {
  /** The intermediate, then the subordinate. */
  readonly chain: readonly Certificate[]
  readonly root: Certificate
  /** With its key, to sign leaves. */
  readonly int: TestCertificate
}

const DAY_MS = 24 * 3_600_000

/** A good path of root, subordinate and intermediate, with these changes, which is valid around `now`. */
export function testPath(changes: PathChanges = {}, now = TEST_NOW): TestPath {
  const life = { notBefore: now - DAY_MS, notAfter: now + 90 * DAY_MS }
  const root = testCa({ ...life, notAfter: now + 3650 * DAY_MS, subject: 'CN=Root', ...changes.root })
  const sub = testIntermediate(root, { ...life, subject: 'CN=Sub', pathLength: 1, ...changes.sub })
  const int = testIntermediate(sub, { ...life, subject: 'CN=Int', ...changes.int })
  return { chain: [int.certificate, sub.certificate], root: root.certificate, int }
}
