import { CLUSTER_ISSUER_KIND } from '../api/names.ts'
import { optional } from '../api/read.ts'
import { isOpen, type RequestRecord } from './request-record.ts'

/**
 * The record where cluster issuers are served by another installation: an open request to one of them is left to it. What its
 * Certificate carries still counts, since that may come to an issuer of ours.
 */
export function leftToOthers(record: RequestRecord): RequestRecord {
  if (!isOpen(record) || record.issuer.kind !== CLUSTER_ISSUER_KIND) return record
  const { uid, issuer, certificate, carried } = record
  return { state: 'elsewhere', uid, issuer, ...optional('certificate', certificate), ...optional('carried', carried) }
}
