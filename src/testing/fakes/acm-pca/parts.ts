import { Authorities } from './authority.ts'
import { Credentials } from './credentials.ts'
import { Faults } from './faults.ts'
import { Journal } from './journal.ts'
import type { AcmPcaOptions } from './options.ts'
import { Quotas } from './quotas.ts'
import { systemRandom } from './random.ts'
import { PrivateCaService, type ServiceSettings } from './service.ts'
import { SigningKeys } from './signing-keys.ts'
import { StsService } from './sts.ts'

/** The two services with everything that a test may look at or turn, without any connection. */
export interface AcmPcaParts {
  readonly now: () => number
  readonly random: (octets: number) => Uint8Array
  readonly region: string | undefined
  readonly authorities: Authorities
  readonly credentials: Credentials
  readonly signingKeys: SigningKeys
  readonly faults: Faults
  readonly journal: Journal
  readonly quotas: Quotas
  /** To be changed at will. */
  readonly settings: ServiceSettings
  readonly service: PrivateCaService
  readonly sts: StsService
}

export function makeParts(options: AcmPcaOptions): AcmPcaParts {
  const { now, random = systemRandom(), region, checkWebIdentity } = options
  const authorities = new Authorities(options.authorities)
  const journal = new Journal()
  const credentials = new Credentials()
  credentials.add(...(options.credentials ?? []))
  const settings: ServiceSettings = {
    issueDelayMs: options.issueDelayMs ?? 0,
    tokenCollision: options.tokenCollision ?? 'first',
    finalNewline: options.finalNewline ?? true,
  }
  return {
    now,
    random,
    region,
    authorities,
    credentials,
    signingKeys: new SigningKeys(),
    faults: new Faults(),
    journal,
    quotas: new Quotas(options.quotas),
    settings,
    service: new PrivateCaService({ authorities, journal, random, settings }),
    sts: new StsService({ roles: options.roles ?? [], credentials, random, checkWebIdentity }),
  }
}
