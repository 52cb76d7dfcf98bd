import assert from 'node:assert/strict'
import type { RequestOptions } from 'node:https'
import { test } from 'node:test'
import { testAccess } from '../testing/fakes/apiserver/access.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { readCredentials } from './credentials.ts'

/** Access that fills the options as client-node would. */
function access(fill: (options: RequestOptions) => void): ClusterAccess {
  const applyToHTTPSOptions = async (options: object): Promise<void> => fill(options)
  return { ...testAccess({ url: 'https://server.example' }), applyToHTTPSOptions }
}

const ROWS: readonly {
  readonly name: string
  readonly options: RequestOptions
  readonly headers: Readonly<Record<string, string>>
  readonly tls: object
}[] = [
  { name: 'nothing', options: {}, headers: {}, tls: {} },
  {
    name: 'a token with a newline, which no header can carry',
    options: { headers: { Authorization: 'Bearer a\n' } },
    headers: { Authorization: 'Bearer a' },
    tls: {},
  },
  {
    name: 'a user and a password',
    options: { auth: 'user:password' },
    headers: { Authorization: 'Basic dXNlcjpwYXNzd29yZA==' },
    tls: {},
  },
  {
    name: 'another user to act as',
    options: { headers: { 'Impersonate-User': 'somebody' } },
    headers: { 'Impersonate-User': 'somebody' },
    tls: {},
  },
  {
    name: 'certificates, and nothing of what a request has besides',
    options: {
      ca: 'CA',
      cert: Buffer.from('CERT'),
      key: 'KEY',
      servername: 'name',
      rejectUnauthorized: false,
      port: 1,
    },
    headers: {},
    tls: { ca: 'CA', cert: Buffer.from('CERT'), key: 'KEY', servername: 'name', rejectUnauthorized: false },
  },
]

for (const { name, options, headers, tls } of ROWS) {
  test(`takes ${name} from a kubeconfig`, async () => {
    const read = await readCredentials(access((filled) => Object.assign(filled, options)))
    assert.deepEqual([read.headers, read.tls], [headers, tls])
  })
}

test('certificates that differ in anything have another identity, and equal ones the same', async () => {
  const identityOf = async (options: RequestOptions): Promise<string> =>
    (await readCredentials(access((filled) => Object.assign(filled, options)))).identity
  const options: readonly RequestOptions[] = [
    {},
    { ca: 'AB' },
    { ca: 'A', cert: 'B' },
    { cert: 'AB' },
    { key: 'AB' },
    { servername: 'AB' },
    { rejectUnauthorized: false },
  ]
  const identities = await Promise.all(options.map(identityOf))
  assert.equal(new Set(identities).size, options.length)
  assert.equal(await identityOf({ ca: Buffer.from('AB'), headers: { Authorization: 'Bearer other' } }), identities[1])
})

test('what a plug-in printed is not in the message of its failure', async () => {
  const failing = access(() => {
    throw Object.assign(new Error('secret output'), { code: 'ENOENT' })
  })
  await assert.rejects(readCredentials(failing), {
    name: 'ApiError',
    reason: 'Credentials',
    message: 'the credentials of the kubeconfig cannot be read (ENOENT); check its files and plug-ins',
  })
})
