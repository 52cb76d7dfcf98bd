import { SigningError } from '../backends/backend.ts'
import type { PkiRefusal } from './conclude.ts'
import type { Fault } from './issuer-health.ts'
import { reasonOf } from './reason.ts'
import { ConfigurationError } from './references.ts'

/**
 * What an error on the way to an issuer's authority says about the issuer.
 * @param part that it belongs to, where that is known better than from the error
 * @throws the error itself, where it says nothing about the issuer
 */
export function faultOf(error: unknown, part: Fault['part'] | undefined): Fault {
  if (error instanceof ConfigurationError)
    return { part: part ?? 'CredentialsReady', reason: error.code, message: error.message }
  if (error instanceof SigningError)
    return { part: part ?? error.part ?? 'AuthorityReady', reason: reasonOf(error.code), message: error.message }
  throw error
}

/** What a PKI's answer to a request says about the issuer; undefined where it concerns the request alone. */
export function refusalFault(refusal: PkiRefusal | undefined): Fault | undefined {
  if (refusal?.part === undefined) return undefined
  return { part: refusal.part, reason: reasonOf(refusal.code), message: refusal.message }
}
