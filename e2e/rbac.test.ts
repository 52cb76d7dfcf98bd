import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { installMeshCA } from './harness/install.ts'
import type { KubeObject } from './lab/kube-objects.ts'
import { type Lab, startLab } from './lab/lab.ts'

/** The attributes of a request, as authorization.k8s.io/v1 has them; without a namespace in all of them. */
interface Right {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  readonly name?: string
  readonly namespace?: string
}

/** What the controller's account may do, and what it must not. */
const RIGHTS: readonly (readonly [right: Right, allowed: boolean])[] = [
  ...grants('cert-manager.io', 'certificaterequests', ['get', 'list', 'watch']),
  ...grants('cert-manager.io', 'certificaterequests/status', ['patch']),
  ...grants('certificates.k8s.io', 'certificatesigningrequests', ['get', 'list', 'watch']),
  ...grants('certificates.k8s.io', 'certificatesigningrequests/status', ['patch']),
  ...grants('meshca.dev', 'meshcaissuers', ['get', 'list', 'watch']),
  ...grants('meshca.dev', 'meshcaclusterissuers', ['get', 'list', 'watch']),
  ...grants('meshca.dev', 'meshcaissuers/status', ['patch']),
  ...grants('meshca.dev', 'meshcaclusterissuers/status', ['patch']),
  ...grants('', 'secrets', ['get']),
  ...grants('', 'configmaps', ['get']),
  ...grants('', 'namespaces', ['get', 'list', 'watch']),
  ...grants('events.k8s.io', 'events', ['create', 'patch']),
  ...grants('', 'serviceaccounts', []),
  ...grants('', 'serviceaccounts/token', []),
  ...grants('', 'events', []),
  ...grants('cert-manager.io', 'certificates', []),
  ...grants('cert-manager.io', 'certificaterequests/approval', []),
  ...grants('coordination.k8s.io', 'leases', []),
  ...grants('rbac.authorization.k8s.io', 'clusterroles', []),
  [
    { verb: 'sign', group: 'certificates.k8s.io', resource: 'signers', name: 'meshcaclusterissuers.meshca.dev/*' },
    true,
  ],
  [
    { verb: 'sign', group: 'certificates.k8s.io', resource: 'signers', name: 'kubernetes.io/kube-apiserver-client' },
    false,
  ],
  [{ verb: 'sign', group: 'certificates.k8s.io', resource: 'signers' }, false],
  [{ verb: 'approve', group: 'cert-manager.io', resource: 'signers', name: 'meshcaissuers.meshca.dev/*' }, false],
  ...lease('create', undefined, true),
  ...lease('get', 'mesh-ca-issuer', true),
  ...lease('update', 'mesh-ca-issuer', true),
  ...lease('update', 'another', false),
  ...lease('delete', 'mesh-ca-issuer', false),
]

function grants(group: string, path: string, allowed: readonly string[]): readonly (readonly [Right, boolean])[] {
  const [resource = '', subresource] = path.split('/')
  return ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'].map(
    (verb) =>
      [
        { verb, group, resource, ...(subresource === undefined ? {} : { subresource }) },
        allowed.includes(verb),
      ] as const,
  )
}

function lease(verb: string, name: string | undefined, allowed: boolean): readonly (readonly [Right, boolean])[] {
  const right = { verb, group: 'coordination.k8s.io', resource: 'leases', ...(name === undefined ? {} : { name }) }
  return [
    [{ ...right, namespace: 'mesh-ca-issuer' }, allowed],
    [{ ...right, namespace: 'default' }, false],
  ]
}

interface Review extends KubeObject {
  readonly spec: { readonly user: string; readonly groups: readonly string[]; readonly resourceAttributes: Right }
  readonly status?: { readonly allowed: boolean }
}

describe('the rights of config/rbac', { timeout: 120_000 }, () => {
  let lab: Lab
  before(async () => {
    lab = await startLab({ name: 'rights', certManager: false })
    await installMeshCA(lab.kube)
  })
  after(() => lab.stop())

  const may = async (user: 'mesh-ca-issuer' | 'cert-manager', resourceAttributes: Right): Promise<boolean> => {
    const { name, groups } = lab.controlPlane.users[user]
    const review = await lab.kube.create<Review>({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: { name: '' },
      spec: { user: name, groups, resourceAttributes },
    })
    return review.status?.allowed === true
  }

  test('W-A17: are what the controller needs, in every namespace, and nothing else', async () => {
    const found = await Promise.all(RIGHTS.map(async ([right]) => [right, await may('mesh-ca-issuer', right)] as const))
    assert.deepEqual(found, RIGHTS)
  })

  test('let cert-manager approve for our kinds and for no other', async () => {
    const approve = (name: string): Promise<boolean> =>
      may('cert-manager', { verb: 'approve', group: 'cert-manager.io', resource: 'signers', name })
    assert.equal(await approve('meshcaissuers.meshca.dev/*'), true)
    assert.equal(await approve('meshcaclusterissuers.meshca.dev/*'), true)
    assert.equal(await approve('others.meshca.dev/*'), false)
  })
})
