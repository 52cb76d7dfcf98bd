import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority, issueClient } from '../lab/pki.ts'
import { leaksIn, valuesOf } from './secrets.ts'

const authority = await createAuthority({ commonName: 'Root' })
const client = await issueClient(authority, 'client')
const PASSWORD = 'correct-horse-battery-staple-0123456789'
const SECRETS = [authority.keyPem, client.keyPem, PASSWORD]

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const keyBody = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, '')
const otherForm = createPrivateKey(authority.keyPem).export({ format: 'pem', type: 'sec1' }).toString()

const ROWS: readonly { readonly name: string; readonly text: string; readonly found: boolean }[] = [
  {
    name: 'nothing secret',
    text: `{"msg":"the Secret ca has no key tls.key"}\n${authority.certificatePem}`,
    found: false,
  },
  { name: 'a password', text: `the password ${PASSWORD} is wrong`, found: true },
  { name: 'a password in base64', text: `data: ${base64(`{"password":"${PASSWORD}"}`)}`, found: true },
  { name: 'most of a password', text: PASSWORD.slice(3, 36), found: true },
  { name: 'a key', text: authority.keyPem, found: true },
  { name: 'a key in one line, without its frame', text: keyBody(authority.keyPem), found: true },
  { name: 'a key in another form', text: keyBody(otherForm), found: true },
  {
    name: 'a key in JSON',
    text: JSON.stringify({ key: keyBody(client.keyPem).replaceAll(/(.{64})/g, '$1\n') }),
    found: true,
  },
  { name: 'a key that nobody knows', text: '-----BEGIN EC PRIVATE KEY-----', found: true },
  { name: 'a token of a ServiceAccount', text: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', found: true },
  { name: 'a token of OpenBao', text: 'token s.1234567890abcdefGHIJ', found: true },
  { name: 'a token of Vault', text: 'hvs.CAESIJ1234567890abcdef', found: true },
  { name: 'a session of AWS', text: 'FwoGZXIvYXdzEJr1234567890', found: true },
  {
    name: 'what only looks alike',
    text: 'events.k8s.io eyJ s.name FwoG istiod.cluster-1 vaults.example.com',
    found: false,
  },
]

for (const { name, text, found } of ROWS)
  test(`${found ? 'finds' : 'passes'} ${name}`, () => assert.equal(leaksIn(text, SECRETS).length > 0, found))

test('of a Secret, everything is secret but certificates, names of access keys and what is short', () => {
  const data = {
    'tls.crt': authority.certificatePem,
    'tls.key': authority.keyPem,
    AWS_ACCESS_KEY_ID: 'AKIALABUSER000000001',
    AWS_SECRET_ACCESS_KEY: PASSWORD,
    role: 'mesh-ca',
  }
  const encoded = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, base64(value)]))
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'all' }, data: encoded }
  assert.deepEqual(valuesOf([secret]), [authority.keyPem.trim(), PASSWORD])
})
