import type { Authority } from './authority.ts'
import type { JsonObject } from './input.ts'
import { describeSubject } from './subject.ts'

/** The type CertificateAuthority of the service model; times are in epoch seconds. */
export function describeAuthority(authority: Authority, now: number): JsonObject {
  const { arn, place, options, certificate, chain } = authority
  const status = authority.status(now)
  const [keyAlgorithm, signingAlgorithm] = authority.algorithms
  const hasCertificate = status !== 'CREATING' && status !== 'PENDING_CERTIFICATE' && status !== 'FAILED'
  const { crlUrl } = options
  return {
    Arn: arn,
    OwnerAccount: place.account,
    CreatedAt: certificate.notBefore / 1000,
    LastStateChangeAt: certificate.notBefore / 1000,
    Type: chain.length === 0 ? 'ROOT' : 'SUBORDINATE',
    ...(hasCertificate && {
      Serial: certificate.serialNumber,
      NotBefore: certificate.notBefore / 1000,
      NotAfter: certificate.notAfter / 1000,
    }),
    Status: status,
    ...(status === 'FAILED' && { FailureReason: 'OTHER' }),
    CertificateAuthorityConfiguration: {
      KeyAlgorithm: keyAlgorithm,
      SigningAlgorithm: signingAlgorithm,
      Subject: describeSubject(certificate.subject),
    },
    RevocationConfiguration: {
      CrlConfiguration: { Enabled: crlUrl !== undefined },
      OcspConfiguration: { Enabled: false },
    },
    KeyStorageSecurityStandard: 'FIPS_140_2_LEVEL_3_OR_HIGHER',
    UsageMode: options.usageMode ?? 'GENERAL_PURPOSE',
  }
}

/** Blocks that end in a newline each; the last one of them perhaps not. */
export function joinPem(blocks: readonly string[], finalNewline: boolean): string {
  const text = blocks.join('')
  return finalNewline ? text : text.trimEnd()
}
