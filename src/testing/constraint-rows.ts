import type { TestCertificateOptions } from './certificate-options.ts'
import { constraints, dns, ip } from './names.ts'
import type { PathChanges, PathRow } from './paths.ts'

const code = 'name-constraints'

/** The rows of `pathRows` with name constraints. */
export function constraintRows(): readonly PathRow[] {
  return [...uriConstraints(), ...otherConstraints(), ...mailboxes()]
}

function uriConstraints(): readonly PathRow[] {
  const permitted = (domain: string): PathChanges => ({
    int: { nameConstraints: constraints({ uriDomains: [domain] }) },
  })
  const excluded = (domain: string): PathChanges => ({
    int: { nameConstraints: constraints({}, { uriDomains: [domain] }) },
  })
  return [
    { what: 'URI host', changes: permitted('cluster.local') },
    { what: 'URI host in capitals', changes: permitted('CLUSTER.local') },
    { what: 'URI domain above', changes: permitted('local'), code },
    { what: 'URI domain with a dot', changes: permitted('.local') },
    { what: 'another URI host', changes: permitted('other.local'), code },
    { what: 'excluded URI domain with a dot', changes: excluded('.local'), code },
    // Go reads it as the domain with everything below it.
    { what: 'excluded URI domain above', changes: excluded('local'), code, takenBy: ['OpenSSL', 'BoringSSL'] },
    { what: 'another excluded URI host', changes: excluded('other.local') },
  ]
}

function otherConstraints(): readonly PathRow[] {
  const svc = constraints({ dnsDomains: ['svc'], uriDomains: ['cluster.local'] })
  const addresses = constraints({ ipRanges: ['10.0.0.0/8'] })
  return [
    { what: 'DNS domain', changes: { sub: { nameConstraints: constraints({ dnsDomains: ['svc'] }) } } },
    { what: 'DNS domain with a dot', changes: { root: { nameConstraints: constraints({ dnsDomains: ['.svc'] }) } } },
    { what: 'every DNS domain', changes: { root: { nameConstraints: constraints({ dnsDomains: [''] }) } } },
    {
      what: 'excluded DNS domain',
      changes: { root: { nameConstraints: constraints({}, { dnsDomains: ['svc'] }) } },
      code,
    },
    { what: 'constraints that are not critical', changes: { root: { nameConstraints: { ...svc, critical: false } } } },
    { what: 'constraints on addresses alone', changes: { root: { nameConstraints: addresses } } },
    // BoringSSL knows no constraints on addresses.
    {
      what: 'a CA with an address below them',
      changes: { root: { nameConstraints: addresses }, int: { names: [ip('10.0.0.1')] } },
      code: 'peers-refuse',
      takenBy: ['OpenSSL'],
    },
    {
      what: 'a CA with a name that is let in',
      changes: { root: { nameConstraints: svc }, int: { names: [dns('a.svc')] } },
    },
  ]
}

/** Go alone does not look at those in subjects. */
function mailboxes(): readonly PathRow[] {
  const svc = constraints({ dnsDomains: ['svc'] })
  const mesh = constraints({ emailAddresses: ['mesh.example'] })
  const ops = (at: string): TestCertificateOptions => ({ subject: `CN=Int,emailAddress=ops@${at}` })
  // No IA5String, as RFC 5280 would have it.
  const utf8 = { subject: 'CN=Int,1.2.840.113549.1.9.1=ops@mesh.example' }
  return [
    {
      what: 'a mailbox in a CA’s subject that is let in',
      changes: { root: { nameConstraints: mesh }, int: ops('mesh.example') },
    },
    {
      what: 'a mailbox in a CA’s subject that is not',
      changes: { root: { nameConstraints: mesh }, int: ops('other.example') },
      code: 'peers-refuse',
    },
    { what: 'one that is not constrained', changes: { root: { nameConstraints: svc }, int: ops('other.example') } },
    {
      what: 'one that cannot be compared',
      changes: { root: { nameConstraints: svc }, int: utf8 },
      code: 'peers-refuse',
    },
    { what: 'one that need not be compared', changes: { int: utf8 } },
  ]
}
