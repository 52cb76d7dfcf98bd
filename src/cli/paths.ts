import { API_VERSION, CERT_MANAGER_API_VERSION, GROUP, ISSUER_KIND, type IssuerKind, PLURALS } from '../api/names.ts'
import type { Question } from './ask.ts'

type Place = Pick<Question<unknown>, 'path' | 'right'>

/** One object of the core group. */
export function coreObject(namespace: string, plural: 'secrets' | 'configmaps', name: string): Place {
  return {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`,
    right: `get ${plural} (${name}) in namespace ${namespace}`,
  }
}

/** All issuers of a kind, or those of one namespace. */
export function issuers(kind: IssuerKind, namespace?: string): Place {
  return collection({ version: API_VERSION, plural: PLURALS[kind], group: GROUP }, namespace)
}

export function issuer(kind: IssuerKind, namespace: string, name: string): Place {
  const scope = kind === ISSUER_KIND ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return {
    path: `/apis/${API_VERSION}${scope}/${PLURALS[kind]}/${encodeURIComponent(name)}`,
    right: `get ${PLURALS[kind]}.${GROUP} (${name})${kind === ISSUER_KIND ? ` in namespace ${namespace}` : ''}`,
  }
}

/** cert-manager's Certificates or CertificateRequests, of one namespace or of all. */
export function certManagerObjects(plural: 'certificates' | 'certificaterequests', namespace?: string): Place {
  return collection({ version: CERT_MANAGER_API_VERSION, plural, group: 'cert-manager.io' }, namespace)
}

interface Kind {
  readonly version: string
  readonly plural: string
  readonly group: string
}

function collection({ version, plural, group }: Kind, namespace: string | undefined): Place {
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const where = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`
  return { path: `/apis/${version}${scope}/${plural}`, right: `list ${plural}.${group} ${where}` }
}
