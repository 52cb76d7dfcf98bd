import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEST_NOW, testCa, testIntermediate } from '../../testing/certificates.ts'
import { VAULT_CONFIG } from '../../testing/vault-knowledge.ts'
import { VAULT_CA, VAULT_ROOT } from '../../testing/vault-stage.ts'
import { SigningError } from '../backend.ts'
import { authorityEnd, readAuthority } from './authority.ts'
import type { VaultConfig } from './config.ts'

const DEEP = testIntermediate(VAULT_CA, { subject: 'CN=Deep', pathLength: 1, notAfter: TEST_NOW + 9000 })
const pems = (...certificates: readonly (typeof VAULT_CA)[]): string[] => certificates.map((one) => one.certificatePem)

function subjects(data: object, config: Partial<VaultConfig> = {}): readonly string[] {
  const { certificate, chain, root } = readAuthority({ ...data }, { ...VAULT_CONFIG, ...config })
  assert.equal(chain[0], certificate)
  return [...chain.map(({ subject }) => subject.text), root.subject.text]
}

const CHAINS: Readonly<Record<string, readonly [data: object, expected: readonly string[]]>> = {
  'a root, which the server lists twice': [
    { certificate: VAULT_ROOT.certificatePem, ca_chain: pems(VAULT_ROOT, VAULT_ROOT) },
    ['CN=Vault Root', 'CN=Vault Root'],
  ],
  'a root and no list': [{ certificate: VAULT_ROOT.certificatePem }, ['CN=Vault Root', 'CN=Vault Root']],
  'a chain in any order, with what does not belong to it': [
    { certificate: DEEP.certificatePem, ca_chain: pems(VAULT_ROOT, testCa(), DEEP, VAULT_CA) },
    ['CN=Deep', 'CN=Vault CA,O=Mesh', 'CN=Vault Root'],
  ],
  'several in one text': [
    { certificate: VAULT_CA.certificatePem, ca_chain: [pems(VAULT_CA, VAULT_ROOT).join('')] },
    ['CN=Vault CA,O=Mesh', 'CN=Vault Root'],
  ],
}

for (const [name, [data, expected]] of Object.entries(CHAINS)) {
  test(`an authority is read: ${name}`, () => assert.deepEqual(subjects(data), expected))
}

const good = { certificate: VAULT_CA.certificatePem, ca_chain: pems(VAULT_CA, VAULT_ROOT) }

const BROKEN: Readonly<
  Record<string, readonly [data: object, code: string, says: RegExp, config?: Partial<VaultConfig>]>
> = {
  'no certificate': [{}, 'issuer-unreadable', /^team\/pki\/issuer\/mesh: /],
  'what is no certificate': [{ certificate: 'x' }, 'issuer-unreadable', /PEM/],
  'a chain with something else in it': [{ ...good, ca_chain: ['x'] }, 'issuer-unreadable', /PEM/],
  'W-V6: a chain without the root, whose highest certificate is no root': [
    { ...good, ca_chain: pems(VAULT_CA) },
    'issuer-chain-open',
    /does not reach a self-signed root .*import the missing certificates with team\/pki\/issuers\/import\/cert$/,
  ],
  'W-V6: another certificate than the one that is pinned': [
    good,
    'issuer-fingerprint-differs',
    new RegExp(`has the fingerprint ${VAULT_CA.certificate.fingerprint}, and vault\\.issuerFingerprint asks for 00;`),
    { issuerFingerprint: '00' },
  ],
}

for (const [name, [data, code, says, config]] of Object.entries(BROKEN)) {
  test(`an authority is refused: ${name}`, () => {
    assert.throws(
      () => subjects(data, config),
      (error: unknown) => {
        assert.ok(error instanceof SigningError)
        assert.deepEqual([error.remedy, error.code, error.part], ['recheck-issuer', code, 'AuthorityReady'])
        assert.match(error.message, says)
        return true
      },
    )
  })
}

test('the fingerprint that is pinned', () => {
  const issuerFingerprint = VAULT_CA.certificate.fingerprint
  assert.equal(subjects(good, { issuerFingerprint })[0], 'CN=Vault CA,O=Mesh')
})

test('an authority ends with the first of its chain, the root included', () => {
  const read = (signer: typeof VAULT_CA, ...above: readonly (typeof VAULT_CA)[]): number =>
    authorityEnd(readAuthority({ certificate: signer.certificatePem, ca_chain: pems(...above) }, VAULT_CONFIG))
  assert.equal(read(DEEP, VAULT_CA, VAULT_ROOT), TEST_NOW + 9000)
  const brief = testCa({ subject: 'CN=Brief', notAfter: TEST_NOW + 5000 })
  assert.equal(read(testIntermediate(brief, { subject: 'CN=Long' }), brief), TEST_NOW + 5000)
})
