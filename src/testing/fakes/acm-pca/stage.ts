import type { TestContext } from 'node:test'
import {
  ACMPCAClient,
  type ACMPCAClientConfig,
  IssueCertificateCommand,
  type IssueCertificateCommandInput,
} from '@aws-sdk/client-acm-pca'
import { TEST_NOW, testCa, testCsr, testIntermediate } from '../../certificates.ts'
import { type AcmPca, startAcmPca } from './http.ts'
import type { AcmPcaConfig } from './options.ts'
import { TEST_CA_ARN, TEST_REGION, TEST_USER, templateArn, testAuthority, testRandom } from './world.ts'

export const STAGE_ROOT = testCa()
export const STAGE_CA = testIntermediate(STAGE_ROOT, { subject: 'CN=Stage CA,O=Mesh', pathLength: 2 })
export const STAGE_CSR = testCsr({ subject: 'CN=istiod' })

/** The real SDK and the fake on the two ends of a connection, at TEST_NOW. */
export interface Stage {
  readonly fake: AcmPca
  readonly client: (config?: ACMPCAClientConfig) => ACMPCAClient
  /** Sends IssueCertificate with the defaults of the stage; @returns the ARN */
  readonly issue: (client: ACMPCAClient, change?: Partial<IssueCertificateCommandInput>) => Promise<string>
  /** Moves the clock of the fake alone. */
  readonly setServiceTime: (now: number) => void
}

export async function setStage(context: TestContext, config: Partial<AcmPcaConfig> = {}): Promise<Stage> {
  context.mock.timers.enable({ apis: ['Date'], now: TEST_NOW })
  let now = TEST_NOW
  const fake = await startAcmPca({
    now: () => now,
    random: testRandom(),
    authorities: [testAuthority(STAGE_CA, [STAGE_ROOT])],
    credentials: [TEST_USER],
    ...config,
  })
  context.after(fake.close)
  const client = (change: ACMPCAClientConfig = {}): ACMPCAClient =>
    new ACMPCAClient({ region: TEST_REGION, endpoint: fake.url, credentials: TEST_USER, maxAttempts: 1, ...change })
  return {
    fake,
    client,
    issue: async (pca, change) =>
      (await pca.send(new IssueCertificateCommand({ ...ISSUE, ...change }))).CertificateArn ?? '',
    setServiceTime: (time) => {
      now = time
    },
  }
}

const ISSUE: IssueCertificateCommandInput = {
  CertificateAuthorityArn: TEST_CA_ARN,
  Csr: Buffer.from(STAGE_CSR.csrPem),
  SigningAlgorithm: 'SHA256WITHECDSA',
  TemplateArn: templateArn('SubordinateCACertificate_PathLen1_APIPassthrough/V1'),
  Validity: { Type: 'DAYS', Value: 30 },
}
