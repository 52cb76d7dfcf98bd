import type { BackendServices } from '../services.ts'
import type { AwsPrivateCAConfig } from './config.ts'
import type { Session } from './session-cache.ts'
import type { Transport } from './transport.ts'

/** Where the Security Token Service is. */
export type StsPlace = Pick<AwsPrivateCAConfig, 'region' | 'stsEndpoint'>

/** What getting a session takes. */
export interface StsDeps {
  readonly services: BackendServices
  readonly transport: Transport
}

/** What the SDK's providers give. */
interface Identity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly expiration?: Date | undefined
}

/** STS of the region itself, asked once: the queue is what repeats. */
export function stsClientConfig({ region, stsEndpoint }: StsPlace, transport: Transport) {
  return {
    region,
    maxAttempts: 1,
    requestHandler: transport,
    useGlobalEndpoint: false,
    ...(stsEndpoint === undefined ? {} : { endpoint: stsEndpoint }),
  }
}

export function sessionOf({ accessKeyId, secretAccessKey, sessionToken, expiration }: Identity): Session {
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiresAt: expiration.getTime() }),
  }
}

/** A session as the SDK signs with it. */
export function identityOf({ accessKeyId, secretAccessKey, sessionToken }: Session) {
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
}
