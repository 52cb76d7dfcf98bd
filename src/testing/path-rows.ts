import { constructedTag, contextTag } from '../pki/der-reader.ts'
import { element, nullValue, objectIdentifier, sequence } from '../pki/der-writer.ts'
import { type Extension, OID } from '../pki/extensions.ts'
import type { KeyKind } from '../pki/public-key.ts'
import { constraintRows } from './constraint-rows.ts'
import { testKeys } from './keys.ts'
import { testName } from './names.ts'
import type { PathChanges, PathRow } from './paths.ts'
import { testScheme } from './signing.ts'

const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'
const KINDS: readonly KeyKind[] = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']

const keys = testKeys()

/** Where stacks are known to differ, and what they have in common. @param now the instant of the judgement */
export function pathRows(now: number): readonly PathRow[] {
  return [
    { what: 'nothing', changes: {} },
    ...capabilities(),
    ...usages(),
    ...constraintRows(),
    ...extensions(),
    ...identifiers(),
    ...signatures(),
    { what: 'an intermediate that ended', changes: { int: { notAfter: now - 1000 } }, code: 'expired' },
    { what: 'a root that ended', changes: { root: { notAfter: now - 1000 } }, code: 'expired' },
  ]
}

function capabilities(): readonly PathRow[] {
  const length = 'path-length'
  return [
    { what: 'path length 0 above a CA', changes: { sub: { pathLength: 0 } }, code: length },
    // BoringSSL does not look at what limits an anchor.
    { what: 'a root’s 1 above two CAs', changes: { root: { pathLength: 1 } }, code: length, takenBy: ['BoringSSL'] },
    { what: 'a root’s 2 above two CAs', changes: { root: { pathLength: 2 } } },
    { what: 'no keyCertSign', changes: { int: { keyUsage: ['cRLSign'] } }, code: 'key-usage' },
    { what: 'no keyCertSign at the root', changes: { root: { keyUsage: ['cRLSign'] } }, code: 'key-usage' },
    { what: 'no key usage', changes: { root: { without: [OID.keyUsage] }, int: { without: [OID.keyUsage] } } },
    { what: 'no CA', changes: { int: { isCA: false } }, code: 'not-a-ca' },
    { what: 'a self-issued CA', changes: { sub: { subject: 'CN=Root', key: keys('ECDSA-P256', 'rolled') } } },
  ]
}

function usages(): readonly PathRow[] {
  const code = 'extended-key-usage'
  return [
    { what: 'one role', changes: { int: { extKeyUsage: [SERVER] } }, code },
    { what: 'one role at the root', changes: { root: { extKeyUsage: [CLIENT] } }, code, takenBy: ['BoringSSL'] },
    { what: 'any role', changes: { sub: { extKeyUsage: ['2.5.29.37.0'] } }, code },
    { what: 'any role beside both', changes: { sub: { extKeyUsage: ['2.5.29.37.0', SERVER, CLIENT] } } },
    { what: 'both roles', changes: { root: { extKeyUsage: [CLIENT, SERVER] } } },
  ]
}

function extensions(): readonly PathRow[] {
  const carrying = (oid: string, critical: boolean, value: Uint8Array): PathChanges => ({
    sub: { extensions: [{ oid, critical, value }] },
  })
  const uri = element(contextTag(6), Buffer.from('http://crl.example'))
  const points = sequence(sequence(element(constructedTag(0), element(constructedTag(0), uri))))
  const explicit = sequence(element(contextTag(0), Buffer.of(0)))
  const unmapped = sequence(element(contextTag(1), Buffer.of(0)))
  const policy = sequence(objectIdentifier('1.2.3'))
  const opensslOnly = { takenBy: ['OpenSSL'] } as const
  return [
    { what: 'a critical extension', changes: carrying('1.2.3', true, nullValue()), code: 'critical-extension' },
    { what: 'points of CRLs', changes: carrying(OID.crlDistributionPoints, false, points) },
    {
      what: 'critical points of CRLs',
      changes: carrying(OID.crlDistributionPoints, true, points),
      code: 'peers-refuse',
      ...opensslOnly,
    },
    {
      what: 'a demand for policies',
      changes: carrying(OID.policyConstraints, false, explicit),
      code: 'extension-unfit',
      ...opensslOnly,
    },
    {
      what: 'a critical demand for policies',
      changes: carrying(OID.policyConstraints, true, explicit),
      code: 'extension-unfit',
      ...opensslOnly,
    },
    {
      what: 'no policy at all',
      changes: carrying(OID.certificatePolicies, false, sequence()),
      code: 'peers-refuse',
      ...opensslOnly,
    },
    {
      what: 'a policy twice',
      changes: carrying(OID.certificatePolicies, false, sequence(policy, policy)),
      code: 'extension-unfit',
      ...opensslOnly,
    },
    { what: 'a critical policy', changes: carrying(OID.certificatePolicies, true, sequence(policy)) },
    {
      what: 'what is no point of CRLs',
      changes: carrying(OID.crlDistributionPoints, false, nullValue()),
      code: 'extension-unfit',
    },
    { what: 'a critical ban on mapped policies', changes: carrying(OID.policyConstraints, true, unmapped) },
  ]
}

function identifiers(): readonly PathRow[] {
  const serialNumber = Buffer.of(0x80, 1)
  const naming = (name: string, serial: Uint8Array): PathChanges => ({
    root: { serialNumber },
    sub: { extensions: [authorityKey(name, serial)] },
  })
  const code = 'issuer-mismatch'
  return [
    {
      what: 'no key identifiers',
      changes: { int: { without: [OID.subjectKeyIdentifier, OID.authorityKeyIdentifier] } },
    },
    { what: 'the issuer named by its serial number', changes: naming('CN=Root', Buffer.of(0, 0x80, 1)) },
    // BoringSSL takes any certificate in the bundle for an anchor.
    {
      what: 'a root that names another as its issuer',
      changes: { root: { extensions: [authorityKey('CN=Root', Buffer.of(7))] } },
      code: 'root-not-self-signed',
      takenBy: ['BoringSSL'],
    },
    { what: 'the issuer before its renewal named', changes: naming('CN=Root', Buffer.of(7)), code },
    { what: 'an issuer of another issuer named', changes: naming('CN=Other', Buffer.of(0, 0x80, 1)), code },
  ]
}

/** RFC 5280 4.2.1.1, without a key identifier: the issuer's issuer, and the issuer's serial number. */
function authorityKey(name: string, serial: Uint8Array): Extension {
  const issuer = element(constructedTag(1), element(constructedTag(4), testName(name).der))
  return {
    oid: OID.authorityKeyIdentifier,
    critical: false,
    value: sequence(issuer, element(contextTag(2), serial)),
  }
}

function signatures(): readonly PathRow[] {
  const sha1 = testScheme('1.2.840.113549.1.1.5', 'sha1', nullValue())
  const root = { key: keys('RSA', 'root') }
  const all = KINDS.map((kind) => ({
    what: `all of ${kind}`,
    changes: { root: { key: keys(kind, 'root') }, sub: { key: keys(kind, 'sub') }, int: { key: keys(kind, 'int') } },
  }))
  const foreign = (['Ed448', 'ECDSA-secp256k1'] as const).map((kind) => ({
    what: `a root of ${kind}`,
    changes: { root: { key: keys(kind, 'root') } },
    code: 'key-unsupported',
    takenBy: ['OpenSSL'] as const,
  }))
  return [
    ...all,
    ...foreign,
    { what: 'SHA-1 at the root', changes: { root: { ...root, scheme: sha1 } } },
    {
      what: 'SHA-1 below the root',
      changes: { root, sub: { scheme: sha1 } },
      code: 'signature',
      takenBy: ['OpenSSL', 'BoringSSL'],
    },
  ]
}
