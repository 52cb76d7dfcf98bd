import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Issuer } from '../api/issuer.ts'
import { type Authority, type OpenedBackend, SigningError } from '../backends/backend.ts'
import type { BackendConfig } from '../backends/config.ts'
import { ApiError } from '../cluster/errors.ts'
import type { Scope } from '../issuance/scope.ts'
import { testClient } from '../testing/api-client.ts'
import { base64, TEST_ROOT, testAuthority, testClusterIssuer, testIssuer } from '../testing/builders.ts'
import { TEST_NOW, testCa } from '../testing/certificates.ts'
import { callerServices } from './caller.ts'
import { checkIssuer } from './check-issuer.ts'
import { checkText } from './check-text.ts'

const SECRET = '/api/v1/namespaces/istio-system/secrets/ca'
const FOREIGN = '/api/v1/namespaces/mesh-ca-issuer/secrets/ca'
const NAMESPACE = '/api/v1/namespaces/istio-system'

interface World {
  readonly objects?: Readonly<Record<string, unknown>>
  readonly authority?: Authority | Error
  readonly issuer?: Issuer
  readonly scope?: Partial<Scope>
}

/** Checks an issuer in a world where the Secret of its CA is there and its PKI answers, unless told otherwise. */
async function checked({ objects = {}, authority = testAuthority(TEST_ROOT), issuer = testIssuer(), scope }: World) {
  const log: string[] = []
  const data = { 'tls.crt': base64(TEST_ROOT.certificatePem), 'tls.key': base64(TEST_ROOT.privateKeyPem) }
  const all: Readonly<Record<string, unknown>> = { [SECRET]: { data }, [FOREIGN]: { data }, ...objects }
  const { client } = testClient(({ method, path }) => {
    log.push(`${method} ${path}`)
    const answer = all[path] ?? new ApiError(404, 'NotFound', 'not found')
    if (answer instanceof Error) throw answer
    return answer
  })
  const open = async (config: BackendConfig): Promise<OpenedBackend> => ({
    check: async () => {
      log.push(`check ${config.kind}`)
      if (authority instanceof Error) throw authority
      return authority
    },
    sign: () => {
      throw new Error('nothing may be signed')
    },
    close: async () => {
      log.push('close')
    },
  })
  const policy = { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false }
  const deps = {
    ...{ client, open, policy },
    scope: { watchNamespaces: [], skipNamespaces: [], ...scope },
    clusterResourceNamespace: 'mesh-ca-issuer',
    now: () => TEST_NOW,
  }
  const result = await checkIssuer(deps, issuer, undefined)
  const text = checkText(result).replaceAll(/\b[0-9a-f]{16}\b/g, '1111111111111111')
  return { result, text, log }
}

test('an issuer that would sign', async () => {
  const { text, log } = await checked({})
  assert.deepEqual(log, [`GET ${SECRET}`, 'check local', 'close'])
  assert.equal(
    text,
    `MeshCAIssuer istio-system/mesh, back end CA

  credentials  ok: everything that the issuer refers to was found
  authority    ok: the CA can sign, and its chain closes at its root
  trust        ok: the published roots are those that were declared

  CA           CN=Mesh Root
               ECDSA P-256, CA without a path length, sha256 1111111111111111
               2026-11-22 12:00 to 2036-11-20 12:00 UTC, ends in 3650 days
  root         CN=Mesh Root, sha256 1111111111111111, ends 2036-11-20 12:00
  ca.crt       1 root, sha256 of its bytes 1111111111111111

A Certificate with isCA: true in namespace istio-system that leaves the rest to the issuer would be
signed:
  life         2160h0m0s, to 2027-02-21 11:59 UTC
  path length  0
  usages       digitalSignature, keyEncipherment, keyCertSign, cRLSign
  by           the key in Secret ca, in the controller itself

Nothing was signed.
`,
  )
})

test('one whose Secret the caller may not read', async () => {
  const { text, log } = await checked({ objects: { [SECRET]: new ApiError(403, 'Forbidden', 'no') } })
  assert.deepEqual(log, [`GET ${SECRET}`])
  assert.equal(
    text,
    `MeshCAIssuer istio-system/mesh, back end CA

  credentials  ReadForbidden: you may not get secrets (ca) in namespace istio-system; have a Role
               grant it to you
  authority    NotReached: an earlier part of the check failed
  trust        NotReached: an earlier part of the check failed

A Certificate with isCA: true in namespace istio-system that leaves the rest to the issuer would not
be signed (IssuerNotReady): MeshCAIssuer istio-system/mesh is not ready: you may not get secrets
(ca) in namespace istio-system; have a Role grant it to you.

Nothing was signed.
`,
  )
})

test('one whose PKI refuses', async () => {
  const refusal = new SigningError('recheck-issuer', 'permission-missing', 'grant acm-pca:IssueCertificate')
  const { result, log } = await checked({ authority: refusal })
  assert.deepEqual(log, [`GET ${SECRET}`, 'check local', 'close'])
  const authority = result.health.conditions.find(({ type }) => type === 'AuthorityReady')
  assert.deepEqual([authority?.reason, authority?.message], ['PermissionMissing', 'grant acm-pca:IssueCertificate'])
})

test('AWS tells of the permission to sign only where something is signed, and that is said', async () => {
  const awsPrivateCA = {
    arn: 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555',
  }
  const issuer = testClusterIssuer({
    spec: { ca: undefined, awsPrivateCA, allowedNamespaces: { names: ['istio-system'] } },
  })
  const { text, log } = await checked({ issuer })
  assert.deepEqual(log, ['check aws-private-ca', 'close'])
  assert.match(
    text,
    /\n {2}allowed {6}not known: AWS has no dry run, so a missing permission shows at the first request\n/,
  )
  assert.doesNotMatch((await checked({})).text, /dry run/)
})

test('one whose authority has ended', async () => {
  const old = testAuthority(testCa({ subject: 'CN=Old', notAfter: TEST_NOW - 1000 }))
  const { result } = await checked({ authority: old })
  assert.deepEqual([result.decision.do, result.health.authority], ['wait', old])
})

test('a cluster issuer reads where the controller would, and labels only for a selector', async () => {
  const named = await checked({
    issuer: testClusterIssuer({ spec: { allowedNamespaces: { names: ['istio-system'] } } }),
  })
  assert.deepEqual(named.log, [`GET ${FOREIGN}`, 'check local', 'close'])
  assert.equal(named.result.decision.do, 'sign')
  const selector = { matchLabels: { mesh: 'yes' } }
  const issuer = testClusterIssuer({ spec: { allowedNamespaces: { selector } } })
  const labelled = { metadata: { labels: { mesh: 'yes' } } }
  const chosen = await checked({ issuer, objects: { [NAMESPACE]: labelled } })
  assert.equal(chosen.result.decision.do, 'sign')
  assert.equal((await checked({ issuer })).result.decision.do, 'wait')
})

test('one that the installation leaves to another is told so, once what it refers to has been tried', async () => {
  const { result, text, log } = await checked({ scope: { watchNamespaces: ['team-a'] } })
  assert.deepEqual(log, [`GET ${SECRET}`, 'check local', 'close'])
  assert.match(text, /^ {2}trust {8}ok: /m)
  assert.match(
    text,
    /\n\nA Certificate with isCA: true in namespace istio-system that leaves the rest to the issuer would not\nbe signed \(IssuerServedElsewhere\): MeshCAIssuer istio-system\/mesh is not served by this\ninstallation: namespace istio-system is none of its --watch-namespaces\.\n\nNothing was signed\.\n$/,
  )
  assert.equal(result.decision.do, 'wait')
})

test('why it is left to another is said before what else keeps it from signing', async () => {
  const codeOf = async (world: World) => {
    const { decision } = (await checked(world)).result
    return decision.do === 'sign' ? decision.do : decision.code
  }
  const broken = { objects: { [SECRET]: new ApiError(403, 'Forbidden', 'no') } }
  const skipped = { scope: { skipNamespaces: ['istio-system'] } }
  assert.deepEqual(await Promise.all([broken, { ...broken, ...skipped }, skipped].map(codeOf)), [
    'IssuerNotReady',
    'IssuerServedElsewhere',
    'IssuerServedElsewhere',
  ])
})

const TOKEN = '/api/v1/namespaces/istio-system/serviceaccounts/vault/token'
const ACCOUNT = { namespace: 'istio-system', name: 'vault', audiences: ['vault://istio-system/mesh'] }

test("a token is asked for with the caller's rights", async () => {
  const { client, calls } = testClient(() => ({
    status: { token: 'secret', expirationTimestamp: '2026-11-23T12:10:00Z' },
  }))
  const services = callerServices(client, { now: () => TEST_NOW, monotonic: () => 0 }, undefined)
  const token = await services.serviceAccountToken(ACCOUNT, new AbortController().signal)
  assert.deepEqual(token, { token: 'secret', expiresAt: TEST_NOW + 600_000 })
  assert.deepEqual(calls, [
    {
      method: 'POST',
      path: TOKEN,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: ['vault://istio-system/mesh'], expirationSeconds: 600 },
      },
    },
  ])
})

test('a token that is refused names the right', async () => {
  const { client } = testClient(() => {
    throw new ApiError(403, 'Forbidden', 'no')
  })
  const services = callerServices(client, { now: () => TEST_NOW, monotonic: () => 0 }, undefined)
  await assert.rejects(services.serviceAccountToken(ACCOUNT, new AbortController().signal), {
    code: 'token-forbidden',
    part: 'CredentialsReady',
    message:
      'you may not create serviceaccounts/token (vault) in namespace istio-system; have a Role grant it to you, as the controller needs it granted too',
  })
})
