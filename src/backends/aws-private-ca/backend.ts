import type { OpenedBackend } from '../backend.ts'
import { SigningError } from '../backend.ts'
import type { BackendServices } from '../services.ts'
import type { AwsPrivateCAConfig } from './config.ts'

/** Opens CAs of AWS Private CA; all that are opened through one call share one quota per CA and region. */
export function awsPrivateCAs(_services: BackendServices): (config: AwsPrivateCAConfig) => OpenedBackend {
  return ({ arn }) => {
    throw new SigningError('recheck-issuer', 'not-there-yet', `the CA ${arn} cannot be opened by this version`)
  }
}
