import { type Certificate, parseCertificates } from '../../../pki/certificate.ts'
import { TEST_NOW, testCsr } from '../../certificates.ts'
import { AwsError } from './aws-error.ts'
import type { Principal } from './credentials.ts'
import type { JsonObject } from './input.ts'
import type { AcmPcaConfig } from './options.ts'
import { type AcmPcaParts, makeParts } from './parts.ts'
import type { ServiceAnswer } from './service.ts'
import { STAGE_CA, STAGE_ROOT } from './stage.ts'
import { TEST_CA_ARN, TEST_REGION, TEST_USER, templateArn, testAuthority, testRandom } from './world.ts'

/** The services without a connection, and a clock to move. */
export interface ServiceWorld {
  readonly parts: AcmPcaParts
  readonly call: (operation: string, input: JsonObject, principal?: Principal) => ServiceAnswer
  /** Issues with the defaults and fetches what was issued. */
  readonly issue: (change?: JsonObject) => Certificate
  readonly setTime: (now: number) => void
  readonly user: Principal
}

export function serviceWorld(config: Partial<AcmPcaConfig> = {}): ServiceWorld {
  let now = TEST_NOW
  const authorities = [testAuthority(STAGE_CA, [STAGE_ROOT])]
  const parts = makeParts({ now: () => now, random: testRandom(), authorities, credentials: [TEST_USER], ...config })
  const user = parts.credentials.find(TEST_USER.accessKeyId, undefined, now).principal
  const call: ServiceWorld['call'] = (operation, input, principal = user) =>
    parts.service.call({ operation, input, principal, region: TEST_REGION, now })
  return {
    parts,
    call,
    user,
    issue: (change = {}) => {
      const { output } = call('IssueCertificate', issueInput(change))
      const found = parts.journal.minted.find(({ certificateArn }) => certificateArn === output.CertificateArn)
      const [certificate] = parseCertificates(found?.certificatePem ?? '')
      if (certificate === undefined) throw new Error('nothing was minted')
      return certificate
    },
    setTime: (time) => {
      now = time
    },
  }
}

const CSR = testCsr({ subject: 'CN=istiod' })

/** The JSON of a request that is granted, changed; `Csr` and `TemplateArn` in the forms that tests write them. */
export function issueInput({ csrPem = CSR.csrPem, template, ...change }: JsonObject = {}): JsonObject {
  return {
    CertificateAuthorityArn: TEST_CA_ARN,
    Csr: Buffer.from(String(csrPem)).toString('base64'),
    SigningAlgorithm: 'SHA256WITHECDSA',
    ...(typeof template === 'string' && { TemplateArn: templateArn(template) }),
    Validity: { Type: 'DAYS', Value: 1 },
    ...change,
  }
}

/** 'Name: message' of the error that AWS would answer with; 'ok' where there is none. */
export function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'ok'
}
