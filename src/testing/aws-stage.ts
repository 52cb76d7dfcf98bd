import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { awsPrivateCAs } from '../backends/aws-private-ca/backend.ts'
import type { Issued, OpenedBackend, SigningRequest } from '../backends/backend.ts'
import type { AwsPrivateCAConfig } from '../backends/config.ts'
import type { BackendServices, Incident } from '../backends/services.ts'
import { TEST_NOW, testCa, testIntermediate } from './certificates.ts'
import { TEST_SIGN } from './decisions.ts'
import { type AcmPca, startAcmPca } from './fakes/acm-pca/http.ts'
import type { AcmPcaOptions } from './fakes/acm-pca/options.ts'
import { TEST_CA_ARN, TEST_REGION, TEST_USER, testAuthority, testRandom } from './fakes/acm-pca/world.ts'

export const AWS_ROOT = testCa({ subject: 'CN=AWS Root' })
export const AWS_CA = testIntermediate(AWS_ROOT, {
  subject: 'CN=AWS CA,O=Mesh',
  pathLength: 3,
  notAfter: TEST_NOW + 1000 * 86_400_000,
})

/** A back end of AWS Private CA and the fake on the two ends of a connection, at TEST_NOW. */
export interface AwsStage {
  readonly fake: AcmPca
  readonly services: TestServices
  /** What was reported, in its order. */
  readonly incidents: readonly Incident[]
  readonly config: AwsPrivateCAConfig
  /** Opens another one that shares its quota with the others. */
  readonly open: (change?: Partial<AwsPrivateCAConfig>) => OpenedBackend
  /** Whether the process may act, and what happens when a call asks for it, which is when it is sent. */
  readonly lease: { held: boolean; asked?: () => void }
  /** Moves the clocks of the back ends and of the fake. */
  readonly advance: (ms: number) => void
}

export interface TestServices extends BackendServices {
  /** What the API server gives for a ServiceAccount, or why it does not. */
  readonly tokens: { calls: number; token: string; error?: Error }
}

/** The good request of the tests. */
export function awsRequest(change: Partial<SigningRequest> = {}): SigningRequest {
  return { ...TEST_SIGN.request, ...change }
}

export const never = new AbortController().signal

export async function awsStage(context: TestContext, options: Partial<AcmPcaOptions> = {}): Promise<AwsStage> {
  context.mock.timers.enable({ apis: ['Date'], now: TEST_NOW })
  let passed = 0
  const fake = await startAcmPca({
    now: () => TEST_NOW + passed,
    random: testRandom(),
    authorities: [testAuthority(AWS_CA, [AWS_ROOT])],
    credentials: [TEST_USER],
    ...options,
  })
  context.after(fake.close)
  const incidents: Incident[] = []
  const lease: AwsStage['lease'] = { held: true }
  const tokens: TestServices['tokens'] = { calls: 0, token: '' }
  const advance = (ms: number): void => {
    passed += ms
    context.mock.timers.setTime(TEST_NOW + passed)
  }
  const services: TestServices = {
    now: () => TEST_NOW + passed,
    monotonic: () => passed,
    sleep: async (ms, signal) => {
      signal.throwIfAborted()
      advance(ms)
    },
    random: () => 0.5,
    mayAct: () => {
      lease.asked?.()
      return lease.held
    },
    serviceAccountToken: async () => {
      tokens.calls += 1
      if (tokens.error !== undefined) throw tokens.error
      return { token: tokens.token, expiresAt: TEST_NOW + passed + 600_000 }
    },
    report: (incident) => incidents.push(incident),
    proxy: undefined,
    tokens,
  }
  const opener = awsPrivateCAs(services)
  const config = awsTestConfig(fake)
  const open = (change: Partial<AwsPrivateCAConfig> = {}): OpenedBackend => {
    const backend = opener({ ...config, ...change })
    context.after(() => backend.close?.())
    return backend
  }
  return { fake, services, incidents, config, lease, open, advance }
}

/** An issuer with the keys of the fake's user. */
export function awsTestConfig(fake: AcmPca): AwsPrivateCAConfig {
  const { accessKeyId, secretAccessKey } = TEST_USER
  return {
    kind: 'aws-private-ca',
    arn: TEST_CA_ARN,
    region: TEST_REGION,
    endpoint: fake.url,
    stsEndpoint: fake.stsUrl,
    credentials: { kind: 'keys', accessKeyId, secretAccessKey },
    roles: [],
  }
}

/** Asks as the shell does until there is a certificate: the ticket is given back, and time passes as was said. */
export async function signed(
  { advance }: Pick<AwsStage, 'advance'>,
  backend: OpenedBackend,
  request: SigningRequest,
): Promise<Issued> {
  let { ticket } = request
  for (let turn = 0; turn < 50; turn += 1) {
    const result = await backend.sign({ ...request, ...(ticket === undefined ? {} : { ticket }) }, never)
    if (result.state === 'issued') return result
    if (result.ticket !== undefined)
      ticket = { value: result.ticket, polls: ticket?.value === result.ticket ? ticket.polls + 1 : 1 }
    advance(result.pollAfterMs)
  }
  return assert.fail('the answer is pending for ever')
}
