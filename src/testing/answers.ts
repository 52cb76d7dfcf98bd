import type { Issued } from '../backends/backend.ts'
import type { Sign } from '../issuance/decide.ts'
import { makeBundle } from '../trust/bundle.ts'
import { TEST_CSR, TEST_ROOT, testAuthority } from './builders.ts'
import type { TestCertificate, TestCertificateOptions } from './certificate-options.ts'
import { testCa, testIntermediate } from './certificates.ts'
import { testSign } from './decisions.ts'

/** The CA between root and answer in `deepSign`. */
export const TEST_SUB = testIntermediate(TEST_ROOT, { subject: 'CN=Mesh Sub', pathLength: 1 })

/** What a good PKI makes of `sign`, with a few members of the certificate changed. */
export function testAnswer(
  sign: Sign,
  signer: TestCertificate = TEST_ROOT,
  change: TestCertificateOptions = {},
): TestCertificate {
  const { request } = sign
  return testIntermediate(signer, {
    subject: request.csr.subject.text,
    key: TEST_CSR.privateKey,
    isCA: request.isCA,
    pathLength: request.pathLength ?? null,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    keyUsage: request.keyUsage,
    extKeyUsage: request.extKeyUsage,
    ...(request.csr.subjectAltName && { names: request.csr.subjectAltName.names }),
    ...(request.nameConstraints && { nameConstraints: request.nameConstraints }),
    ...change,
  })
}

/** An answer of these certificates, the new one first. */
export function issued(...chain: readonly TestCertificate[]): Issued {
  return { state: 'issued', chain: chain.map(({ certificate }) => certificate), roots: [] }
}

/** The good request, signed by a CA below the root instead of the root; `path` is the signer first, the root last. */
export function signBelow(path: readonly TestCertificate[], request: Partial<Sign['request']> = {}): Sign {
  const authority = testAuthority(...path)
  return testSign(request, { authority, bundle: makeBundle([authority.root]) })
}

/** A CA with these properties below a root with those, and what it answers. */
export function deepAnswer(root: TestCertificateOptions, sub: TestCertificateOptions): readonly [Sign, Issued] {
  const top = testCa({ subject: 'CN=Mesh Root', ...root })
  const middle = testIntermediate(top, { subject: 'CN=Mesh Sub', pathLength: null, ...sub })
  const sign = signBelow([middle, top])
  return [sign, issued(testAnswer(sign, middle))]
}
