import type { SigningRequest } from '../backends/backend.ts'
import { awsRequest } from './aws-stage.ts'
import { constraints } from './names.ts'

/** A mesh CA. */
export const CA = awsRequest()
/** An end entity. */
export const LEAF: SigningRequest = {
  ...leafOf(CA),
  keyUsage: ['digitalSignature', 'keyEncipherment'],
  extKeyUsage: [],
}
export const NC = constraints({ uriDomains: ['cluster.local'] })
/** `NC` as it is asked of AWS. */
export const NC_EXTENSION = { ObjectIdentifier: '2.5.29.30', Value: 'MBOgETAPhg1jbHVzdGVyLmxvY2Fs', Critical: true }

function leafOf({ pathLength: _, ...request }: SigningRequest): SigningRequest {
  return { ...request, isCA: false }
}
