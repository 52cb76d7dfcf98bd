import { type AcmPca, startAcmPca } from '../../src/testing/fakes/acm-pca/http.ts'
import type { JournalEntry } from '../../src/testing/fakes/acm-pca/journal.ts'
import type { AcmPcaConfig, AuthorityOptions, CredentialOptions } from '../../src/testing/fakes/acm-pca/options.ts'
import type { Authority } from './pki.ts'
import type { Workspace } from './workspace.ts'

export const AWS_REGION = 'eu-central-1'
/** Account of the CAs. */
export const AWS_ACCOUNT = '111122223333'
/** Another one. */
export const OTHER_ACCOUNT = '444455556666'

/** A user of the account that owns the CAs, who may do everything. */
export const AWS_USER: CredentialOptions = {
  accessKeyId: 'AKIALABUSER000000001',
  secretAccessKey: 'lab-user-secret-access-key-0000000000001',
  arn: `arn:aws:iam::${AWS_ACCOUNT}:user/mesh`,
}

export interface AwsOptions extends AcmPcaConfig {
  /** The clock of AWS, in epoch milliseconds; the machine's by default. */
  readonly now?: () => number
  /** Shown the claims of each web identity token that a role is asked for with. */
  readonly sawToken?: (claims: Readonly<Record<string, unknown>>) => void
}

/** Private CA and STS in the process of the test, on loopback, with a journal that can be waited on. */
export interface Aws extends AcmPca {
  /** The members of `spec.awsPrivateCA` that lead here. */
  readonly endpoints: { readonly endpoint: string; readonly stsEndpoint: string }
  /** Resolves once `wanted` holds, asked again with each call that arrives; rejects after `withinMs` (60 s). */
  readonly until: (what: string, wanted: () => boolean, withinMs?: number) => Promise<void>
  /** Calls of Private CA (of one operation) that arrived. */
  readonly calls: (operation?: string) => readonly JournalEntry[]
}

const WITHIN_MS = 60_000

/** Starts it; it is stopped with the workspace. */
export async function startAws(workspace: Workspace, options: AwsOptions): Promise<Aws> {
  const { now = Date.now, sawToken, ...config } = options
  const waiters = new Set<() => void>()
  const looking = { soon: false }
  const look = (): void => {
    looking.soon = false
    for (const waiter of [...waiters]) waiter()
  }
  const fake = await startAcmPca({
    credentials: [AWS_USER],
    ...config,
    // The service reads its clock once at the beginning of each call, and notes the call before it does anything else.
    now: () => {
      if (!looking.soon && waiters.size > 0) setImmediate(look)
      looking.soon = waiters.size > 0
      return now()
    },
    checkWebIdentity: (claims) => {
      sawToken?.(claims)
      return undefined
    },
  })
  workspace.defer(fake.close)
  return {
    ...fake,
    endpoints: { endpoint: fake.url, stsEndpoint: fake.stsUrl },
    until: (what, wanted, withinMs = WITHIN_MS) => waitOn(waiters, { what, wanted, withinMs }),
    calls: (operation) =>
      fake.journal.entries.filter(
        (entry) => entry.service === 'acm-pca' && (operation === undefined || entry.operation === operation),
      ),
  }
}

interface Wait {
  readonly what: string
  readonly wanted: () => boolean
  readonly withinMs: number
}

function waitOn(waiters: Set<() => void>, { what, wanted, withinMs }: Wait): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      waiters.delete(waiter)
      settle()
    }
    const waiter = (): void => {
      if (wanted()) end(resolve)
    }
    const timer = setTimeout(() => {
      end(() => reject(new Error(`${what} was not asked of AWS within ${withinMs} ms.`)))
    }, withinMs)
    waiters.add(waiter)
    waiter()
  })
}

/** ARN of the n-th CA of the account. */
export function caArn(turn: number, { region = AWS_REGION, account = AWS_ACCOUNT } = {}): string {
  return `arn:aws:acm-pca:${region}:${account}:certificate-authority/${String(turn).padStart(8, '0')}-2222-3333-4444-555555555555`
}

/** A CA of the lab as one that was installed in AWS, with the chain of what stands above it. */
export function installed(
  arn: string,
  authority: Authority,
  options: Partial<AuthorityOptions> = {},
): AuthorityOptions {
  const { certificatePem, chainPem, rootPem, keyPem } = authority
  const above = `${chainPem.slice(certificatePem.length)}${rootPem}`
  return {
    arn,
    certificatePem,
    privateKeyPem: keyPem,
    ...(chainPem === '' ? {} : { chainPem: above }),
    ...options,
  }
}
