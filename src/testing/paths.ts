import type { Certificate } from '../pki/certificate.ts'
import { type TestCertificate, type TestCertificateOptions, testCa, testIntermediate } from './certificates.ts'

/** What is to differ from a good path. */
export interface PathChanges {
  readonly root?: TestCertificateOptions
  readonly sub?: TestCertificateOptions
  readonly int?: TestCertificateOptions
}

export interface TestPath {
  /** The intermediate, then the subordinate. */
  readonly chain: readonly Certificate[]
  readonly root: Certificate
  /** With its key, to sign leaves. */
  readonly int: TestCertificate
}

/** A good path of root, subordinate and intermediate, with these changes. */
export function testPath(changes: PathChanges = {}): TestPath {
  const root = testCa({ subject: 'CN=Root', ...changes.root })
  const sub = testIntermediate(root, { subject: 'CN=Sub', pathLength: 1, ...changes.sub })
  const int = testIntermediate(sub, { subject: 'CN=Int', ...changes.int })
  return { chain: [int.certificate, sub.certificate], root: root.certificate, int }
}
