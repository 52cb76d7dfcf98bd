import assert from 'node:assert/strict'
import { type AuthorityArn, parseAuthorityArn } from '../backends/aws-private-ca/arn.ts'
import type { CallContext } from '../backends/aws-private-ca/errors.ts'
import type { Failure } from '../backends/aws-private-ca/failure.ts'
import { TEST_CA_ARN } from './fakes/acm-pca/world.ts'

/** The call that fails. */
export const CONTEXT: CallContext = {
  action: 'IssueCertificate',
  authority: arnOf(TEST_CA_ARN),
  region: 'eu-central-1',
  endpoint: undefined,
  template: 'SubordinateCACertificate_PathLen0/V1',
}

function arnOf(text: string): AuthorityArn {
  const arn = parseAuthorityArn(text)
  assert.ok(arn)
  return arn
}

/** @param words of the answer */
export function refused(name: string, words = ''): Failure {
  return { kind: 'refused', name, words }
}
