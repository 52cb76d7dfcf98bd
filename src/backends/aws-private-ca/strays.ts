import type { SigningRequest } from '../backend.ts'
import type { Incident } from '../services.ts'
import { isCertificateArn } from './arn.ts'

/** A certificate that may have been made, and whose name nobody knows. */
export function lostCertificate(authority: string, { uid }: Pick<SigningRequest, 'uid'>): Incident {
  return lost(authority, uid, 'was lost too long ago to be found again')
}

/** The same, of the CA that the issuer had before. */
export function lostElsewhere(authority: string, { uid }: Pick<SigningRequest, 'uid'>): Incident {
  return lost(authority, uid, 'was lost, and the issuer has another CA now')
}

/** What was ordered of the CA that the issuer had before; undefined where nothing was. */
export function leftBehind({ uid, ticket }: Pick<SigningRequest, 'uid' | 'ticket'>): Incident | undefined {
  if (ticket === undefined || !isCertificateArn(ticket.value)) return undefined
  return stray(
    `the certificate ${ticket.value} was ordered for request ${uid} and is given to nobody: the issuer has another CA now`,
  )
}

function lost(authority: string, uid: string, how: string): Incident {
  return stray(
    `a certificate of ${authority} may exist that nobody was given: the answer to an order for request ${uid} ${how}`,
  )
}

function stray(message: string): Incident {
  return { backend: 'AWSPrivateCA', what: 'stray', message }
}
