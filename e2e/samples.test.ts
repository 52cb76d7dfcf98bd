import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseDuration } from '../src/api/duration.ts'
import { installMeshCA } from './harness/install.ts'
import { parseObjects } from './lab/kube.ts'
import { KubeError } from './lab/kube-http.ts'
import type { KubeObject } from './lab/kube-objects.ts'
import { describeReference, referenceTo } from './lab/kube-paths.ts'
import { type Lab, startLab } from './lab/lab.ts'

const SAMPLES = join(import.meta.dirname, '..', 'config', 'samples')
const FILES = globSync('*', { cwd: SAMPLES }).sort()
const HOUR_MS = 3_600_000

interface Issuer extends KubeObject {
  readonly spec: {
    readonly allowedRequesters?: readonly string[]
    readonly [member: string]: unknown
  }
}

interface Certificate extends KubeObject {
  readonly spec: {
    readonly secretName: string
    readonly isCA: boolean
    readonly duration: string
    readonly renewBefore: string
    readonly usages: readonly string[]
    readonly issuerRef: { readonly group: string; readonly kind: string; readonly name: string }
  }
}

function objectsOf(file: string): readonly KubeObject[] {
  return parseObjects(readFileSync(join(SAMPLES, file), 'utf8'))
}

const ALL = FILES.flatMap(objectsOf)

function isIssuer(object: KubeObject): object is Issuer {
  return object.apiVersion === 'meshca.dev/v1alpha1'
}

function isCertificate(object: KubeObject): object is Certificate {
  return object.kind === 'Certificate'
}

describe('the samples', { timeout: 120_000 }, () => {
  let lab: Lab
  before(async () => {
    // The webhook judges the Certificate as it would in a real cluster.
    lab = await startLab({ name: 'samples' })
    await installMeshCA(lab.kube)
    await lab.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } })
  })
  after(() => lab.stop())

  for (const file of FILES) {
    test(`${file} can be applied as it is`, async () => {
      const applied = await lab.kube.applyFile(join(SAMPLES, file))
      assert.deepEqual(
        applied.map((object) => describeReference(referenceTo(object))),
        objectsOf(file).map((object) => describeReference(referenceTo(object))),
      )
    })
  }

  test('show every back end, and both kinds', () => {
    const issuers = ALL.filter(isIssuer)
    const backends = issuers.flatMap(({ spec }) => ['awsPrivateCA', 'ca', 'vault'].filter((name) => name in spec))
    assert.deepEqual([...new Set(backends)].sort(), ['awsPrivateCA', 'ca', 'vault'])
    assert.deepEqual([...new Set(issuers.map(({ kind }) => kind))].sort(), ['MeshCAClusterIssuer', 'MeshCAIssuer'])
  })

  test('let cert-manager ask and nobody else', () => {
    const requester = lab.controlPlane.users['cert-manager'].name
    for (const { metadata, spec } of ALL.filter(isIssuer)) {
      assert.deepEqual(spec.allowedRequesters, [requester], metadata.name)
    }
  })

  test('let the controller make tokens of the ServiceAccounts that they name, and of no other', async () => {
    const controller = lab.controlPlane.kubeOf('mesh-ca-issuer')
    const token = (name: string): Promise<string> =>
      controller.serviceAccountToken({ namespace: 'istio-system', name, audiences: ['elsewhere'] })
    for (const name of ['mesh-ca-aws', 'mesh-ca-vault']) assert.match(await token(name), /^ey[^.]+\.[^.]+\.[^.]+$/)
    await lab.kube.create({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: 'istio-system', name: 'x' },
    })
    await assert.rejects(token('x'), (error) => error instanceof KubeError && error.status === 403)
  })

  test('give istiod a CA that renews in time, and under the name that istiod mounts', () => {
    const certificates = ALL.filter(isCertificate)
    assert.equal(certificates.length, 1)
    for (const { metadata, spec } of certificates) {
      const [duration, renewBefore] = [parseDuration(spec.duration), parseDuration(spec.renewBefore)]
      assert.deepEqual([metadata.namespace, spec.secretName, spec.isCA], ['istio-system', 'cacerts', true])
      assert.ok(renewBefore >= 48 * HOUR_MS, 'less than two days before the end is less than workloads live for')
      assert.ok(renewBefore <= duration / 2, 'renewing for most of the duration renews all the time')
      assert.deepEqual([...spec.usages].sort(), ['cert sign', 'crl sign', 'digital signature'])
      const { kind, name } = spec.issuerRef
      const issuer = ALL.filter(isIssuer).find((one) => one.kind === kind && one.metadata.name === name)
      assert.equal(issuer?.metadata.namespace, metadata.namespace)
      assert.equal(spec.issuerRef.group, 'meshca.dev')
    }
  })
})
