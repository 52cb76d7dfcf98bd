import { createHash } from 'node:crypto'
import type { SigningRequest } from '../backend.ts'
import type { AwsSigningAlgorithm } from './config.ts'
import type { Choice } from './templates.ts'

/** Everything that IssueCertificate is told, and for whom. */
export interface Order extends Choice {
  /** ARN of the CA. */
  readonly authority: string
  readonly signingAlgorithm: AwsSigningAlgorithm
  readonly request: Pick<SigningRequest, 'clusterId' | 'uid' | 'notBefore' | 'notAfter' | 'csr'>
}

/** AWS takes 1 to 36 characters: 216 bits of the digest. */
const LENGTH = 36

/**
 * The idempotency token of an order: a repeat of the same order has the same one, and no two orders share one, be it that
 * only the cluster, the request's UID or an octet of its content differs.
 */
export function idempotencyToken({ authority, signingAlgorithm, template, passthrough, request }: Order): string {
  const { clusterId, uid, notBefore, notAfter, csr } = request
  const fields = [
    clusterId,
    uid,
    authority,
    template,
    signingAlgorithm,
    String(notBefore),
    String(notAfter),
    JSON.stringify(passthrough ?? null),
  ]
  const hash = createHash('sha256')
  // With its length before each field, nothing can move from one to the next.
  for (const field of fields) hash.update(`${Buffer.byteLength(field)}:${field}`)
  return hash.update(csr.der).digest('base64url').slice(0, LENGTH)
}
