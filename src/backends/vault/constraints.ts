import { type Subtrees, sameNameConstraints } from '../../pki/name-constraints.ts'
import { SigningError, type SigningRequest } from '../backend.ts'
import type { JsonRecord } from './json.ts'

/** Parameters of sign-intermediate that add name constraints. Every server has the first; what is not known is ignored. */
const PARAMETERS: readonly {
  readonly list: 'permitted' | 'excluded'
  readonly field: keyof Subtrees
  readonly name: string
}[] = [
  { list: 'permitted', field: 'dnsDomains', name: 'permitted_dns_domains' },
  { list: 'excluded', field: 'dnsDomains', name: 'excluded_dns_domains' },
  { list: 'permitted', field: 'uriDomains', name: 'permitted_uri_domains' },
  { list: 'excluded', field: 'uriDomains', name: 'excluded_uri_domains' },
  { list: 'permitted', field: 'ipRanges', name: 'permitted_ip_ranges' },
  { list: 'excluded', field: 'ipRanges', name: 'excluded_ip_ranges' },
  { list: 'permitted', field: 'emailAddresses', name: 'permitted_email_addresses' },
  { list: 'excluded', field: 'emailAddresses', name: 'excluded_email_addresses' },
]

/**
 * What makes the certificate carry these name constraints. Those of the CSR are copied as they are, and nothing can be
 * added to them.
 * @param known parameters of the server's sign-intermediate
 * @throws SigningError `give-up` where the server would drop a part of them
 */
export function constraintParameters(
  { csr, nameConstraints: wanted }: Pick<SigningRequest, 'csr' | 'nameConstraints'>,
  known: ReadonlySet<string>,
): JsonRecord {
  if (sameNameConstraints(csr.nameConstraints, wanted)) return {}
  if (wanted === undefined || csr.nameConstraints !== undefined) {
    throw unsupported('Vault copies the name constraints of the CSR and adds none to them')
  }
  if (!wanted.critical) throw unsupported('Vault adds critical name constraints only')
  const needed = PARAMETERS.filter(({ list, field }) => wanted[list][field].length > 0)
  const missing = needed.find(({ name }) => !known.has(name))
  if (missing !== undefined) throw unsupported(`this Vault server cannot add them (it has no ${missing.name})`)
  return Object.fromEntries(needed.map(({ list, field, name }) => [name, wanted[list][field]]))
}

function unsupported(reason: string): SigningError {
  return new SigningError(
    'give-up',
    'name-constraints-unsupported',
    `the issuer's name constraints cannot be put into the certificate: ${reason}; state all of them in the CSR (spec.nameConstraints of the Certificate)`,
  )
}
