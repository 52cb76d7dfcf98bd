import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testLeaf } from '../../testing/certificates.ts'
import { VAULT_CONFIG } from '../../testing/vault-knowledge.ts'
import { VAULT_CA, VAULT_ROOT } from '../../testing/vault-stage.ts'
import { SigningError } from '../backend.ts'
import type { VaultConfig } from './config.ts'
import { tlsSettings } from './tls.ts'

const CLIENT = testLeaf(VAULT_CA, { subject: 'CN=client' })
const OTHER = testLeaf(VAULT_CA, { subject: 'CN=other' })
const clientCertificate = { certificates: CLIENT.certificatePem, privateKey: CLIENT.privateKeyPem }
const otherCertificate = { certificates: OTHER.certificatePem, privateKey: OTHER.privateKeyPem }

const settings = (change: Partial<VaultConfig>) => tlsSettings({ ...VAULT_CONFIG, ...change })

test('without a word of it, TLS is as it is by default', () => assert.deepEqual(settings({}), {}))

test('roots of the bundle, each by itself', () => {
  const caBundle = `${VAULT_ROOT.certificatePem}\n${VAULT_CA.certificatePem}`
  assert.deepEqual(settings({ caBundle }), { ca: [VAULT_ROOT.certificatePem, VAULT_CA.certificatePem] })
})

test('a name is sent and asked for; an address is asked for only', () => {
  const named = settings({ serverName: 'vault.internal' })
  assert.equal(named.servername, 'vault.internal')
  const shown = (subjectaltname: string) => ({ subject: { CN: '' }, subjectaltname })
  const check = (given: ReturnType<typeof settings>, name: string) =>
    Reflect.apply(given.checkServerIdentity ?? assert.fail, undefined, ['127.0.0.1', shown(name)])
  assert.equal(check(named, 'DNS:vault.internal'), undefined)
  assert.ok(check(named, 'DNS:vault.example') instanceof Error)
  const addressed = settings({ serverName: '10.0.0.1' })
  assert.equal('servername' in addressed, false)
  assert.equal(check(addressed, 'IP Address:10.0.0.1'), undefined)
})

test('the certificate that logs in is the one of the connection', () => {
  const expected = { cert: CLIENT.certificatePem, key: CLIENT.privateKeyPem }
  assert.deepEqual(settings({ clientCertificate }), expected)
  const auth = { method: 'certificate', mount: 'cert', clientCertificate } as const
  assert.deepEqual(settings({ clientCertificate: otherCertificate, auth }), expected)
})

const UNFIT: Readonly<Record<string, readonly [change: Partial<VaultConfig>, code: string, says: RegExp]>> = {
  'no bundle': [{ caBundle: 'x' }, 'ca-bundle-unreadable', /^the CA bundle of vault\.server: /],
  'a key in the bundle': [{ caBundle: CLIENT.privateKeyPem }, 'ca-bundle-unreadable', /not a CERTIFICATE/],
  'no certificate': [
    { clientCertificate: { ...clientCertificate, certificates: '' } },
    'client-certificate-unreadable',
    /^tls\.crt/,
  ],
  'no key': [
    { clientCertificate: { ...clientCertificate, privateKey: 'secret-value' } },
    'client-key-unfit',
    /^tls\.key/,
  ],
  'the key of another': [
    { clientCertificate: { ...clientCertificate, privateKey: OTHER.privateKeyPem } },
    'client-key-unfit',
    /fits tls\.crt$/,
  ],
}

for (const [name, [change, code, says]] of Object.entries(UNFIT)) {
  test(`a configuration that cannot work: ${name}`, () => {
    assert.throws(
      () => settings(change),
      (error: unknown) => {
        assert.ok(error instanceof SigningError)
        assert.deepEqual([error.remedy, error.code, error.part], ['recheck-issuer', code, 'CredentialsReady'])
        assert.match(error.message, says)
        assert.doesNotMatch(error.message, /secret-value|PRIVATE/)
        return true
      },
    )
  })
}
