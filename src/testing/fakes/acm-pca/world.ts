import type { TestCertificate } from '../../certificate-options.ts'
import type { AcmPcaConfig, AuthorityOptions, CredentialOptions } from './options.ts'

export const TEST_REGION = 'eu-central-1'
export const TEST_ACCOUNT = '111122223333'
export const TEST_CA_ARN = `arn:aws:acm-pca:${TEST_REGION}:${TEST_ACCOUNT}:certificate-authority/11111111-2222-3333-4444-555555555555`

/** A user of the account that owns the CA. */
export const TEST_USER: CredentialOptions = {
  accessKeyId: 'AKIATESTUSER00000001',
  secretAccessKey: 'test-user-secret-access-key',
  arn: `arn:aws:iam::${TEST_ACCOUNT}:user/mesh`,
}

/** Options for a CA whose certificates are made by the test builders; `above` are its issuers up to the root. */
export function testAuthority(
  ca: TestCertificate,
  above: readonly TestCertificate[] = [],
  options: Partial<AuthorityOptions> = {},
): AuthorityOptions {
  const chainPem = above.map(({ certificatePem }) => certificatePem).join('')
  const { certificatePem, privateKeyPem } = ca
  return { arn: TEST_CA_ARN, certificatePem, privateKeyPem, ...(above.length > 0 && { chainPem }), ...options }
}

/** One CA, one user, and nothing that goes wrong. */
export function testConfig(ca: TestCertificate, options: Partial<AcmPcaConfig> = {}): AcmPcaConfig {
  return { authorities: [testAuthority(ca)], credentials: [TEST_USER], ...options }
}

/** 'arn:aws:acm-pca:::template/NAME' */
export function templateArn(name: string, partition = 'aws'): string {
  return `arn:${partition}:acm-pca:::template/${name}`
}

/** Octets that are different each time and the same in each run. */
export function testRandom(): (octets: number) => Uint8Array {
  let drawn = 0
  return (octets) => {
    drawn += 1
    return Uint8Array.from({ length: octets }, (_, index) => (drawn >> (8 * (index % 4))) & 0xff)
  }
}
