import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testAuthority } from '../../testing/builders.ts'
import { TEST_NOW, testCa, testCsr, testIntermediate } from '../../testing/certificates.ts'
import { TEST_SIGN } from '../../testing/decisions.ts'
import { testKeys } from '../../testing/keys.ts'
import { constraints, dns } from '../../testing/names.ts'
import { VAULT_KNOWN, VAULT_LEAF, type VaultCallChange, vaultCall } from '../../testing/vault-knowledge.ts'
import { VAULT_ROOT, without } from '../../testing/vault-stage.ts'
import type { Authority } from '../backend.ts'

const HOUR = 3_600_000
const GOOD = TEST_SIGN.request
const keys = testKeys()

const PLAIN = {
  csr: GOOD.csr.pem,
  format: 'pem',
  use_csr_values: true,
  max_path_length: 0,
  ttl: `${720 * 3600 - 60}s`,
  not_before_duration: '60s',
  key_usage: ['DigitalSignature', 'CertSign', 'CRLSign'],
  signature_bits: 256,
  use_pss: false,
}

function withKey(kind: 'RSA' | 'ECDSA-P384' | 'ECDSA-P521' | 'Ed25519'): VaultCallChange {
  return { known: { authority: testAuthority(testCa({ key: keys(kind, 'ca') })) } }
}

/** An authority whose CA begins then. */
function since(notBefore: number): Authority {
  return testAuthority(
    testIntermediate(VAULT_ROOT, { subject: 'CN=Vault CA,O=Mesh', notBefore, pathLength: 3 }),
    VAULT_ROOT,
  )
}

const stated = testCsr({ isCA: true, keyUsage: ['keyCertSign'], extKeyUsage: ['1.3.6.1.5.5.7.3.1'] }).csr
const limited = testCsr({ nameConstraints: constraints({ uriDomains: ['cluster.local'] }) }).csr
const both = constraints({ dnsDomains: ['a.example', 'b.example'] }, { ipRanges: ['10.0.0.0/8'] })
const withAll = new Set([...VAULT_KNOWN.parameters, 'excluded_ip_ranges'])

const CAS: Readonly<Record<string, readonly [VaultCallChange, object]>> = {
  'a mesh CA': [{}, {}],
  'a path length': [{ request: { pathLength: 2 } }, { max_path_length: 2 }],
  'a server whose clock is ahead': [
    { serverNow: TEST_NOW + 300_000 },
    { ttl: `${720 * 3600 - 360}s`, not_before_duration: '360s' },
  ],
  'a server whose clock is behind': [
    { serverNow: TEST_NOW - 300_000 },
    { ttl: `${720 * 3600 - 1}s`, not_before_duration: '1s' },
  ],
  'a life that has passed already': [
    { serverNow: TEST_NOW + 9000 * HOUR },
    { ttl: '1s', not_before_duration: `${720 * 3600 - 1}s` },
  ],
  'an end near that of the authority begins earlier': [
    { known: { authorityEnd: GOOD.notAfter + 59_000 } },
    { ttl: `${720 * 3600 - 75}s`, not_before_duration: '75s' },
  ],
  'and not otherwise': [{ known: { authorityEnd: GOOD.notAfter + 60_000 } }, {}],
  'a beginning with the CA itself is a little later': [
    { known: { authority: since(GOOD.notBefore) } },
    { ttl: `${720 * 3600 - 57}s`, not_before_duration: '57s' },
  ],
  'and soon after it': [
    { known: { authority: since(GOOD.notBefore - 2000) } },
    { ttl: `${720 * 3600 - 57}s`, not_before_duration: '57s' },
  ],
  'and not later': [{ known: { authority: since(GOOD.notBefore - 3000) } }, {}],
  'usages that the CSR states are copied from it': [
    { request: { csr: stated, extKeyUsage: ['1.3.6.1.5.5.7.3.1'] } },
    { csr: stated.pem, key_usage: undefined },
  ],
  'extended usages that it does not state': [
    { request: { extKeyUsage: ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0'] } },
    { ext_key_usage: ['ServerAuth', 'Any'] },
  ],
  'name constraints of the CSR are copied': [
    { request: { csr: limited, ...(limited.nameConstraints && { nameConstraints: limited.nameConstraints }) } },
    { csr: limited.pem },
  ],
  'name constraints that are added': [
    { request: { nameConstraints: both }, known: { parameters: withAll } },
    { permitted_dns_domains: ['a.example', 'b.example'], excluded_ip_ranges: ['10.0.0.0/8'] },
  ],
  'an older server gets only what it knows': [
    { known: { parameters: new Set(['csr', 'ttl']) } },
    { key_usage: undefined, signature_bits: undefined, use_pss: undefined },
  ],
  'an RSA key': [withKey('RSA'), { signature_bits: 256 }],
  'a key of P-384': [withKey('ECDSA-P384'), { signature_bits: 384 }],
  'a key of P-521': [withKey('ECDSA-P521'), { signature_bits: 512 }],
  'a key of Ed25519': [withKey('Ed25519'), { signature_bits: undefined }],
}

for (const [name, [change, expected]] of Object.entries(CAS)) {
  test(`a CA: ${name}`, () => {
    const { call, ttlMs } = vaultCall(change)
    const body: Record<string, unknown> = { ...call.body }
    assert.deepEqual(body, { ...without({ ...PLAIN, ...expected }) })
    assert.deepEqual(
      { ...call, body: {} },
      { method: 'POST', path: 'team/pki/issuer/mesh/sign-intermediate', body: {} },
    )
    assert.equal(`${ttlMs / 1000}s`, body.ttl)
  })
}

const LEAVES: Readonly<Record<string, readonly [VaultCallChange, object]>> = {
  'usages by name and by OID': [{}, {}],
  'no usage at all': [
    { request: { ...VAULT_LEAF, keyUsage: [], extKeyUsage: [] } },
    { key_usage: [], ext_key_usage_oids: [] },
  ],
  'a role that begins earlier': [
    { known: { role: { backdateMs: 60_000, maxMs: 720 * HOUR } } },
    { ttl: `${720 * 3600 - 60}s` },
  ],
}

for (const [name, [change, expected]] of Object.entries(LEAVES)) {
  test(`an end-entity certificate: ${name}`, () => {
    const { call, ttlMs } = vaultCall({ ...change, request: { ...VAULT_LEAF, ...change.request } })
    const body = { ...call.body }
    assert.equal(call.path, 'team/pki/issuer/mesh/sign-verbatim/leaf')
    assert.equal(`${ttlMs / 1000}s`, body.ttl)
    assert.deepEqual(body, {
      csr: GOOD.csr.pem,
      format: 'pem',
      ttl: `${720 * 3600 - 30}s`,
      key_usage: ['DigitalSignature', 'KeyEncipherment'],
      ext_key_usage_oids: ['1.3.6.1.5.5.7.3.1', '1.2.3.4'],
      signature_bits: 256,
      use_pss: false,
      ...expected,
    })
  })
}

test('what lies at a limit is asked for', () => {
  assert.ok(vaultCall({ known: { authorityEnd: GOOD.notAfter, mountMaxMs: 720 * HOUR - 75_000 } }))
  assert.ok(vaultCall({ request: { csr: testCsr({ names: [dns('a.example')] }).csr, pathLength: 2 } }))
  assert.ok(vaultCall({ request: VAULT_LEAF, known: { authorityEnd: GOOD.notAfter + 30_000 } }))
})
