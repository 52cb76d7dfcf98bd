import { after } from 'node:test'
import { AWS_CA, AWS_ROOT, awsTestConfig } from '../../testing/aws-stage.ts'
import { testBackend } from '../../testing/backend-contract.ts'
import { TEST_NOW, testCa } from '../../testing/certificates.ts'
import { type AcmPca, startAcmPca } from '../../testing/fakes/acm-pca/http.ts'
import type { AcmPcaOptions } from '../../testing/fakes/acm-pca/options.ts'
import { TEST_USER, testAuthority } from '../../testing/fakes/acm-pca/world.ts'
import type { OpenedBackend } from '../backend.ts'
import { awsPrivateCAs } from './backend.ts'

const AWS_KEYS = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521'] as const

/** The clock of the fake is not that of this process, so the back end also copes with a clock that is wrong by far. */
function contractWith(name: string, options: Partial<AcmPcaOptions>): void {
  let passed = 0
  let running: Promise<AcmPca> | undefined
  const opened: OpenedBackend[] = []
  const open = async (): Promise<OpenedBackend> => {
    running ??= startAcmPca({
      now: () => TEST_NOW + passed,
      authorities: [testAuthority(AWS_CA, [AWS_ROOT])],
      credentials: [TEST_USER],
      ...options,
    })
    const openAws = awsPrivateCAs({
      now: () => TEST_NOW + passed,
      monotonic: () => passed,
      mayAct: () => true,
      sleep: async (ms) => {
        passed += ms
      },
      random: Math.random,
      serviceAccountToken: async () => ({ token: '', expiresAt: 0 }),
      report: () => undefined,
      proxy: undefined,
    })
    const backend = openAws(awsTestConfig(await running))
    opened.push(backend)
    return backend
  }
  const wait = async (ms: number): Promise<void> => {
    passed += ms
  }
  testBackend({ name, open, repeats: true, keys: AWS_KEYS, wait })
  after(async () => {
    await Promise.all(opened.map((backend) => backend.close?.()))
    await (await running)?.close()
  })
}

contractWith('AWS Private CA', {})
contractWith('AWS Private CA with a root that signs, and certificates that take a while', {
  authorities: [testAuthority(testCa({ subject: 'CN=Mesh Root' }))],
  issueDelayMs: 2000,
  finalNewline: false,
})
