import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { exists } from './cached-folder.ts'
import { startControlPlane } from './control-plane.ts'
import { readEnvironment } from './environment.ts'
import { openKube } from './kube.ts'
import { KubeError } from './kube-http.ts'
import { type CertificateRequest, conditionOf, type KubeObject, type Secret, secretText } from './kube-objects.ts'
import { type Lab, startLab } from './lab.ts'
import { listeningAddresses } from './listeners.ts'
import {
  approve,
  certificateReady,
  certificateReference,
  renew,
  requestReference,
  secretReference,
} from './requests.ts'

const LOOPBACK = new Set(['0100007F', '00000000000000000000000001000000'])

const SELF_SIGNED = `
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self-signed, namespace: default}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: authority, namespace: default}
spec: {isCA: true, commonName: Lab, secretName: authority, issuerRef: {name: self-signed}, privateKey: {algorithm: ECDSA}}
`

const FOREIGN = `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: foreign, namespace: default}
spec: {dnsNames: [a.example], secretName: foreign, issuerRef: {group: nobody.example, kind: Unknown, name: one}}
`

function refusal(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof KubeError && error.status === 403 && pattern.test(error.message)
}

describe('the lab', { timeout: 180_000 }, () => {
  let lab: Lab
  before(async () => {
    lab = await startLab({ name: 'self-test', audit: true })
  })
  after(() => lab.stop())

  test("issues a CA through cert-manager's own controllers", async () => {
    await lab.kube.applyYaml(SELF_SIGNED)
    const certificate = await certificateReady(lab.kube, certificateReference('default', 'authority'))
    const secret = await lab.kube.get<Secret>(secretReference('default', certificate.spec.secretName))
    assert.deepEqual(Object.keys(secret.data ?? {}).sort(), ['ca.crt', 'tls.crt', 'tls.key'])
    assert.equal(secret.type, 'kubernetes.io/tls')
  })

  test('renews as cmctl does', async () => {
    const before = await lab.kube.get<Secret>(secretReference('default', 'authority'))
    const renewed = await renew(lab.kube, certificateReference('default', 'authority'))
    assert.equal(renewed.status?.revision, 2)
    const after = await lab.kube.get<Secret>(secretReference('default', 'authority'))
    assert.notEqual(secretText(after, 'tls.crt'), secretText(before, 'tls.crt'))
  })

  test("has cert-manager's webhook on: it writes the user and guards approval", async () => {
    await lab.kube.applyYaml(FOREIGN)
    const reference = requestReference('default', 'foreign-1')
    const request = await lab.kube.waitFor<CertificateRequest>(reference, () => true)
    assert.equal(request.spec.username, 'system:serviceaccount:cert-manager:cert-manager')
    await assert.rejects(approve(lab.kube, reference), refusal(/referenced signer resource does not exist/))
    const unapproved = await lab.kube.get<CertificateRequest>(reference)
    assert.equal(conditionOf(unapproved, 'Approved'), undefined)
  })

  test('grants nobody but the administrator anything by itself', async () => {
    const secrets = { apiVersion: 'v1', kind: 'Secret', namespace: 'default' }
    for (const user of ['developer', 'istiod', 'mesh-ca-issuer', 'cert-manager-webhook'] as const) {
      const name = lab.controlPlane.users[user].name
      await assert.rejects(lab.controlPlane.kubeOf(user).list(secrets), refusal(new RegExp(`"${name}" cannot list`)))
    }
    assert.ok((await lab.controlPlane.kubeOf('cert-manager').list(secrets)).items.length > 0)
  })

  test('gives the ServiceAccount users the groups that RBAC knows them by', async () => {
    const review = await lab.controlPlane.kubeOf('cert-manager').create({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
      metadata: { name: '' },
    } satisfies KubeObject)
    assert.match(JSON.stringify(review), /"groups":\["system:serviceaccounts","system:serviceaccounts:cert-manager"/)
  })

  test('restarts the API server on the same port with the same data', async () => {
    const { controlPlane, kube } = lab
    const before = { pid: controlPlane.apiServerPid(), secret: await kube.get(secretReference('default', 'authority')) }
    const stopper = new AbortController()
    const states = kube.follow<Secret>(secretReference('default', 'authority'), stopper.signal)
    await states.next()
    const afterwards = states.next()
    await controlPlane.restartApiServer()
    assert.notEqual(controlPlane.apiServerPid(), before.pid)
    assert.deepEqual(await kube.get(secretReference('default', 'authority')), before.secret)
    // Whoever follows an object sees it again after the restart, and cert-manager goes on too.
    assert.equal((await afterwards).value?.metadata.uid, before.secret.metadata.uid)
    stopper.abort()
    assert.equal((await renew(kube, certificateReference('default', 'authority'))).status?.revision, 3)
  })

  test('writes an audit log when asked', async () => {
    assert.ok(lab.controlPlane.auditLog !== undefined && (await exists(lab.controlPlane.auditLog)))
  })

  test('listens on loopback only', { skip: process.platform !== 'linux' }, async () => {
    const pids = [lab.controlPlane.apiServerPid(), lab.certManager?.controller().pid, lab.certManager?.webhook?.pid]
    for (const pid of pids) {
      const addresses = await listeningAddresses(pid ?? 0)
      assert.deepEqual(
        addresses.filter((address) => !LOOPBACK.has(address)),
        [],
        `process ${pid}`,
      )
    }
  })

  test('runs a second control plane beside the first, with users and objects of its own', async () => {
    const other = await startControlPlane(lab.workspace, { name: 'other' })
    assert.notEqual(other.server, lab.controlPlane.server)
    assert.equal(await other.admin.find(secretReference('default', 'authority')), undefined)
    const stranger = openKube({ ...other.clusterOf('admin'), token: lab.controlPlane.users.admin.token })
    const unknown = (error: unknown): boolean => error instanceof KubeError && error.status === 401
    await assert.rejects(stranger.list({ apiVersion: 'v1', kind: 'Namespace' }), unknown)
    await stranger.close()
  })
})

test('a stopped lab leaves neither process nor folder', { timeout: 120_000 }, async () => {
  const lab = await startLab({ name: 'stopped' })
  const pids = [lab.controlPlane.apiServerPid(), lab.certManager?.controller().pid, lab.certManager?.webhook?.pid]
  const logs = await readdir(lab.workspace.logs)
  assert.equal(logs.filter((name) => name.endsWith('.log')).length, 4)
  await lab.stop()
  for (const pid of pids) assert.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' })
  assert.equal(await exists(lab.workspace.folder), false)
})

test('whoever still follows an object ends with the lab', { timeout: 120_000 }, async () => {
  const lab = await startLab({ name: 'followed', certManager: false })
  const states = lab.kube.follow({ apiVersion: 'v1', kind: 'Namespace', name: 'default' }, new AbortController().signal)
  assert.equal((await states.next()).value?.metadata.name, 'default')
  const next = states.next()
  await lab.stop()
  assert.deepEqual(await next, { done: true, value: undefined })
})

const ELSEWHERE = `
import { startLab } from ${JSON.stringify(import.meta.resolve('./lab.ts'))}
const lab = await startLab({ name: 'elsewhere', certManager: false })
const found = await lab.kube.list({ apiVersion: 'v1', kind: 'Namespace' })
console.log('namespaces: ' + found.items.length)
await lab.stop()
`

test('a stale environment does not reach the lab', { timeout: 120_000 }, async () => {
  const nowhere = 'http://127.0.0.1:9'
  const proxies = { HTTPS_PROXY: nowhere, HTTP_PROXY: nowhere, https_proxy: nowhere, http_proxy: nowhere }
  const env = { ...proxies, KUBECONFIG: '/nowhere', KUBERNETES_SERVICE_HOST: '10.1.1.1', NODE_USE_ENV_PROXY: '1' }
  const args = ['--input-type=module', '-e', ELSEWHERE]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...readEnvironment().go, ...env } })
  assert.match(stdout, /^namespaces: 4$/m)
})
