import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testCsr } from '../../testing/certificates.ts'
import { TEST_SIGN } from '../../testing/decisions.ts'
import { constraints } from '../../testing/names.ts'
import { VAULT_KNOWN, VAULT_LEAF, type VaultCallChange, vaultCall } from '../../testing/vault-knowledge.ts'
import { SigningError } from '../backend.ts'
import { COMMON_PARAMETERS } from './knowledge.ts'

const HOUR = 3_600_000
const GOOD = TEST_SIGN.request
const limited = testCsr({ nameConstraints: constraints({ uriDomains: ['cluster.local'] }) }).csr
const both = constraints({ dnsDomains: ['a.example', 'b.example'] }, { ipRanges: ['10.0.0.0/8'] })
const withAll = new Set([...VAULT_KNOWN.parameters, 'excluded_ip_ranges'])
type Refused = readonly [change: VaultCallChange, remedy: string, code: string, says: RegExp]
const withExtension = testCsr({ extensions: [{ oid: '1.2.3.4', critical: false, value: Uint8Array.of(5, 0) }] }).csr
const narrow = { request: { nameConstraints: constraints({ uriDomains: ['cluster.local'] }) } }

const REFUSALS: Readonly<Record<string, Refused>> = {
  'W-V7: an end beyond that of the authority': [
    { known: { authorityEnd: GOOD.notAfter - 1000 } },
    'recheck-issuer',
    'authority-ends-first',
    /^the CA team\/pki\/issuer\/mesh, or one above it, ends/,
  ],
  'a path length that the authority has no room for': [
    { request: { pathLength: 3 } },
    'recheck-issuer',
    'path-length-spent',
    /path length of 3 leaves no room for a CA of path length 3/,
  ],
  'a life that the mount cuts short': [
    { known: { mountMaxMs: 719 * HOUR } },
    'recheck-issuer',
    'life-limited',
    /^the secrets engine team\/pki gives at most 2588400 s, .*max-lease-ttl/,
  ],
  'a life that the role cuts short': [
    { request: VAULT_LEAF, known: { role: { backdateMs: 30_000, maxMs: 719 * HOUR } } },
    'recheck-issuer',
    'life-limited',
    /max_ttl of role leaf/,
  ],
  'an end-entity certificate that the server would end after its CA': [
    { request: VAULT_LEAF, known: { authorityEnd: GOOD.notAfter + 29_000 } },
    'recheck-issuer',
    'authority-ends-first',
    /renew that CA$/,
  ],
  'an end-entity certificate without a role': [
    { request: VAULT_LEAF, config: { role: undefined } },
    'recheck-issuer',
    'role-missing',
    /^vault\.role is not set/,
  ],
  'an extension that would be copied unseen': [
    { request: { csr: withExtension } },
    'give-up',
    'extension-unsupported',
    /1\.2\.3\.4/,
  ],
  'constraints that the server does not know': [
    narrow,
    'give-up',
    'name-constraints-unsupported',
    /it has no permitted_uri_domains.*spec\.nameConstraints/,
  ],
  'constraints that are not critical': [
    { request: { nameConstraints: { ...constraints({ dnsDomains: ['a'] }), critical: false } } },
    'give-up',
    'name-constraints-unsupported',
    /critical/,
  ],
  'constraints beside those of the CSR': [
    { request: { csr: limited, nameConstraints: both }, known: { parameters: withAll } },
    'give-up',
    'name-constraints-unsupported',
    /adds none/,
  ],
  'constraints of the CSR that are not wanted': [
    { request: { csr: limited } },
    'give-up',
    'name-constraints-unsupported',
    /adds none/,
  ],
  'extended usages of a CA on an older server': [
    { request: { extKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, known: { parameters: COMMON_PARAMETERS } },
    'give-up',
    'usages-unsupported',
    /state them in the CSR/,
  ],
  'an extended usage that has no name': [
    { request: { extKeyUsage: ['1.2.3.4'] } },
    'give-up',
    'usages-unsupported',
    /extended key usages/,
  ],
}

for (const [name, [change, remedy, code, says]] of Object.entries(REFUSALS)) {
  test(`is refused before the call: ${name}`, () => {
    assert.throws(
      () => vaultCall(change),
      (error: unknown) => {
        assert.ok(error instanceof SigningError)
        assert.deepEqual([error.remedy, error.code, error.part], [remedy, code, undefined])
        assert.match(error.message, says)
        return true
      },
    )
  })
}
