import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import type { TestCertificate } from '../../testing/certificate-options.ts'
import { testCa, testCsr, testIntermediate } from '../../testing/certificates.ts'
import { testKeys } from '../../testing/keys.ts'
import { SigningError } from '../backend.ts'
import { openLocal } from './backend.ts'
import type { LocalConfig } from './config.ts'

const keys = testKeys()
const ROOT = testCa({ subject: 'CN=Mesh Root' })
const OTHER = testCa({ subject: 'CN=Other Root' })
const UPPER = testIntermediate(ROOT, { subject: 'CN=Upper', pathLength: 2 })
const SUB = testIntermediate(UPPER, { subject: 'CN=Sub', pathLength: 1 })

function pem(...certificates: readonly TestCertificate[]): string {
  return certificates.map(({ certificatePem }) => certificatePem).join('')
}

function config(change: Partial<LocalConfig> = {}): LocalConfig {
  return { kind: 'local', certificates: pem(SUB, UPPER), privateKey: SUB.privateKeyPem, roots: pem(ROOT), ...change }
}

function exported(key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1', passphrase?: string): string {
  const lock = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  return key.export({ format: 'pem', type, ...lock }).toString()
}

const GOOD: readonly { readonly name: string; readonly config: LocalConfig; readonly chain: readonly string[] }[] = [
  { name: 'the chain, and the root beside it', config: config(), chain: ['CN=Sub', 'CN=Upper'] },
  {
    name: 'everything in tls.crt',
    config: { kind: 'local', certificates: pem(SUB, UPPER, ROOT), privateKey: SUB.privateKeyPem },
    chain: ['CN=Sub', 'CN=Upper'],
  },
  {
    name: 'the chain out of order',
    config: config({ certificates: pem(SUB, ROOT, UPPER, SUB) }),
    chain: ['CN=Sub', 'CN=Upper'],
  },
  {
    name: 'the chain in ca.crt',
    config: config({ certificates: pem(SUB), roots: pem(ROOT, UPPER) }),
    chain: ['CN=Sub', 'CN=Upper'],
  },
  {
    name: 'roots that do not belong to it',
    config: config({ roots: pem(OTHER, ROOT) }),
    chain: ['CN=Sub', 'CN=Upper'],
  },
  {
    name: 'a root that signs',
    config: { kind: 'local', certificates: pem(ROOT), privateKey: ROOT.privateKeyPem },
    chain: ['CN=Mesh Root'],
  },
  {
    name: 'a key in SEC 1',
    config: config({ privateKey: exported(SUB.privateKey, 'sec1') }),
    chain: ['CN=Sub', 'CN=Upper'],
  },
  {
    name: 'lines that end as on Windows',
    config: config({ certificates: pem(SUB, UPPER).replaceAll('\n', '\r\n') }),
    chain: ['CN=Sub', 'CN=Upper'],
  },
]

for (const { name, config: given, chain } of GOOD) {
  test(`CA Secret: ${name}`, async () => {
    const authority = await openLocal(given).check(new AbortController().signal)
    assert.deepEqual(
      authority.chain.map(({ subject }) => subject.text),
      chain,
    )
    assert.equal(authority.certificate, authority.chain[0])
    assert.equal(authority.root.fingerprint, ROOT.certificate.fingerprint)
  })
}

const UNREADABLE_KEY = 'tls.key of the CA Secret is not an unencrypted PEM private key'
const OTHER_KEY = 'tls.key of the CA Secret is not the key of the first certificate in tls.crt'
const OPEN = (missing: string, signed: string) =>
  `the CA Secret's chain does not reach a self-signed root (the chain is broken: no certificate given is the issuer "${missing}" that signed "${signed}"; add it); add the missing certificates to tls.crt, or the root as ca.crt`
const FOREIGN = testCa({ subject: 'CN=Mesh Root', key: keys('ECDSA-secp256k1', 'root') })
const PSS = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey

const BROKEN: readonly {
  readonly name: string
  readonly config: LocalConfig
  readonly code: string
  readonly message: string
}[] = [
  {
    name: 'no PEM in tls.crt',
    config: config({ certificates: 'no PEM' }),
    code: 'ca-certificate-unreadable',
    message: 'tls.crt of the CA Secret: the PEM text cannot be read: it has text outside its blocks; remove it',
  },
  {
    name: 'a key in tls.crt',
    config: config({ certificates: SUB.privateKeyPem }),
    code: 'ca-certificate-unreadable',
    message: 'tls.crt of the CA Secret: the PEM text holds a block that is not a CERTIFICATE; remove it',
  },
  {
    name: 'a key in ca.crt',
    config: config({ roots: SUB.privateKeyPem }),
    code: 'ca-certificate-unreadable',
    message: 'ca.crt of the CA Secret: the PEM text holds a block that is not a CERTIFICATE; remove it',
  },
  {
    name: 'the root is missing',
    config: { kind: 'local', certificates: pem(SUB, UPPER), privateKey: SUB.privateKeyPem },
    code: 'ca-chain-open',
    message: OPEN('CN=Mesh Root', 'CN=Upper'),
  },
  {
    name: 'a CA between is missing',
    config: config({ certificates: pem(SUB) }),
    code: 'ca-chain-open',
    message: OPEN('CN=Upper', 'CN=Sub'),
  },
  {
    name: 'another root',
    config: config({ roots: pem(OTHER) }),
    code: 'ca-chain-open',
    message: OPEN('CN=Mesh Root', 'CN=Upper'),
  },
  { name: 'no key', config: config({ privateKey: 'no key' }), code: 'ca-key-unreadable', message: UNREADABLE_KEY },
  {
    name: 'a certificate as key',
    config: config({ privateKey: pem(SUB) }),
    code: 'ca-key-unreadable',
    message: UNREADABLE_KEY,
  },
  {
    name: 'half a key',
    config: config({ privateKey: SUB.privateKeyPem.slice(0, 120) }),
    code: 'ca-key-unreadable',
    message: UNREADABLE_KEY,
  },
  {
    name: 'a key under a passphrase',
    config: config({ privateKey: exported(SUB.privateKey, 'pkcs8', 'secret') }),
    code: 'ca-key-unreadable',
    message: UNREADABLE_KEY,
  },
  {
    name: "the next CA's key",
    config: config({ privateKey: UPPER.privateKeyPem }),
    code: 'ca-key-mismatch',
    message: OTHER_KEY,
  },
  {
    name: 'a key of another kind',
    config: config({ privateKey: testCsr({ key: 'Ed25519' }).privateKeyPem }),
    code: 'ca-key-mismatch',
    message: OTHER_KEY,
  },
  {
    name: 'a key for nothing but PSS',
    config: config({ privateKey: exported(PSS, 'pkcs8') }),
    code: 'ca-key-mismatch',
    message: OTHER_KEY,
  },
  {
    name: 'a kind of key that is not signed with',
    config: { kind: 'local', certificates: pem(FOREIGN), privateKey: FOREIGN.privateKeyPem },
    code: 'ca-key-unsupported',
    message:
      'tls.key of the CA Secret: certificates cannot be signed with ECDSA secp256k1 keys here; use RSA, ECDSA or Ed25519',
  },
]

for (const { name, config: given, code, message } of BROKEN) {
  test(`broken CA Secret: ${name}`, () => {
    assert.throws(
      () => openLocal(given),
      (error) => {
        assert.ok(error instanceof SigningError)
        assert.deepEqual([error.remedy, error.code], ['recheck-issuer', code])
        assert.equal(error.message, message)
        assertKeepsSecret(error, given.privateKey)
        assertKeepsSecret(error, SUB.privateKeyPem)
        return true
      },
    )
  })
}

/** No piece of 20 characters of a key stands in what is said, neither in the error nor in its cause. */
function assertKeepsSecret(error: Error, secret: string): void {
  const said = `${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${String(error.cause)}`
  const body = secret.split('\n').filter((line) => !line.startsWith('-----') && line.length >= 20)
  for (const line of body)
    for (let at = 0; at + 20 <= line.length; at += 1) assert.ok(!said.includes(line.slice(at, at + 20)))
}
