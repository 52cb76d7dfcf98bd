import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { ACCEPTED_CASES } from './crd-cases/accepted.ts'
import { BACKEND_CASES } from './crd-cases/backends.ts'
import type { RuleCase } from './crd-cases/case.ts'
import { BOUND_CASES, POLICY_CASES } from './crd-cases/policy.ts'
import { controlPlaneBinaries } from './lab/control-plane.ts'
import { installCrds } from './lab/crds.ts'
import { KubeError } from './lab/kube-http.ts'
import type { KubeObject } from './lab/kube-objects.ts'
import { collectionPath } from './lab/kube-paths.ts'
import { type Lab, startLab } from './lab/lab.ts'

const CRDS = join(import.meta.dirname, '..', 'config', 'crd')
const API_VERSION = 'meshca.dev/v1alpha1'

type IssuerObject = KubeObject & { readonly spec: Readonly<Record<string, unknown>>; readonly status?: object }

/** A good issuer with one change. */
function issuerOf({ kind, spec }: Pick<RuleCase, 'kind' | 'spec'>, name = 'case'): IssuerObject {
  const cluster = kind === 'MeshCAClusterIssuer'
  const good = { ca: { secretRef: { name: 'ca' } }, ...(cluster ? { allowedNamespaces: { names: ['team-a'] } } : {}) }
  const metadata = cluster ? { name } : { name, namespace: 'default' }
  return { apiVersion: API_VERSION, kind, metadata, spec: { ...good, ...spec } }
}

/** Each cause as `path: message`; what the value was is left out, since versions of the server differ in saying it. */
function causesOf(error: unknown): readonly string[] {
  assert.ok(error instanceof KubeError && error.status === 422, String(error))
  const said = error.message.slice(error.message.indexOf(' is invalid: ') + ' is invalid: '.length)
  const list = said.startsWith('[') ? said.slice(1, -1).split(/, (?=spec(?:[.[]|: )|<nil>)/) : [said]
  return list
    .filter((cause) => !cause.startsWith('<nil>'))
    .map((cause) => cause.replace(/: Invalid value: (?:(?:"(?:[^"\\]|\\.)*"|-?\d+): )?/, ': '))
}

function titleOf({ kind, spec }: RuleCase): string {
  return `${kind} ${JSON.stringify(spec, (_, value: unknown) => value ?? null).slice(0, 150)}`
}

/** The messages of all rules below a node of the schema. */
function* messages(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return
  for (const [key, child] of Object.entries(node)) {
    if (key === 'x-kubernetes-validations') yield* child.map(({ message }: { readonly message: string }) => message)
    else yield* messages(child)
  }
}

const STATUS = {
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Checked',
      message: 'the back end signs',
      lastTransitionTime: '2026-02-03T04:05:06Z',
      observedGeneration: 1,
    },
  ],
  backend: 'CA',
  root: '0123456789abcdef',
  authority: {
    subject: 'CN=mesh',
    serialNumber: '01',
    fingerprint: 'ab'.repeat(32),
    notBefore: '2026-02-03T04:05:06Z',
    notAfter: '2036-02-03T04:05:06Z',
    key: 'ECDSA P-256',
    rootFingerprint: 'cd'.repeat(32),
  },
}

describe('the CustomResourceDefinitions', { timeout: 120_000 }, () => {
  let lab: Lab
  before(async () => {
    lab = await startLab({ name: 'crd', certManager: false })
    await installCrds(lab.kube, CRDS)
  })
  after(() => lab.stop())

  const tryOut = (object: IssuerObject): Promise<IssuerObject> => {
    const { apiVersion, kind, metadata } = object
    const namespace = metadata.namespace === undefined ? {} : { namespace: metadata.namespace }
    return lab.kube.call<IssuerObject>({
      method: 'POST',
      path: collectionPath({ apiVersion, kind, ...namespace }),
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: object,
    })
  }

  for (const one of ACCEPTED_CASES) {
    test(`accept ${titleOf(one)}`, async () => {
      await tryOut(issuerOf(one))
    })
  }

  for (const one of [...BACKEND_CASES, ...POLICY_CASES, ...BOUND_CASES]) {
    test(`refuse ${titleOf(one)}`, async () => {
      const causes = await tryOut(issuerOf(one)).then(() => [], causesOf)
      assert.deepEqual([...causes].sort(), [...one.refusals].sort())
    })
  }

  test('have no rule that the cases above leave out', async () => {
    const told = [...BACKEND_CASES, ...POLICY_CASES].flatMap(({ refusals }) => refusals)
    const files = ['meshcaissuers', 'meshcaclusterissuers'].map((plural) => join(CRDS, `meshca.dev_${plural}.yaml`))
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    const untold = texts
      .flatMap((text) => [...messages(parse(text))])
      .filter((message) => !told.some((refusal) => refusal.endsWith(`: ${message}`)))
    assert.deepEqual([...new Set(untold)], [])
  })

  test('fill in the defaults', async () => {
    const { spec } = await tryOut(issuerOf({ kind: 'MeshCAIssuer', spec: {} }))
    assert.deepEqual(spec, {
      ca: { secretRef: { name: 'ca' } },
      profile: 'MeshCA',
      mesh: { trustDomain: 'cluster.local', namespace: 'istio-system' },
      pathLength: 0,
      duration: { default: '2160h' },
      allowedKeys: ['RSA', 'ECDSA-P256', 'ECDSA-P384'],
      trust: { minimumDwell: '25h' },
    })
  })

  test('fill in the defaults of what is given in part', async () => {
    const change = {
      ca: undefined,
      vault: {
        server: 'https://vault',
        caBundleConfigMapRef: { name: 'roots' },
        auth: { appRole: { roleID: 'id', secretRef: { name: 'secret' } } },
      },
      mesh: { trustDomain: 'example.com' },
      nameConstraints: { permitted: { uriDomains: ['example.com'] } },
      trust: { additionalRoots: [{ secretRef: { name: 'roots', sha256: ['ab'.repeat(32)] } }] },
    }
    const { spec } = await tryOut(issuerOf({ kind: 'MeshCAIssuer', spec: change }))
    assert.deepEqual(
      { vault: spec.vault, mesh: spec.mesh, nameConstraints: spec.nameConstraints, trust: spec.trust },
      {
        vault: {
          ...change.vault,
          mount: 'pki',
          issuerRef: 'default',
          caBundleConfigMapRef: { name: 'roots', key: 'ca.crt' },
          auth: { appRole: { mount: 'approle', roleID: 'id', secretRef: { name: 'secret', key: 'secret-id' } } },
        },
        mesh: { trustDomain: 'example.com', namespace: 'istio-system' },
        nameConstraints: { critical: true, permitted: { uriDomains: ['example.com'] } },
        trust: {
          minimumDwell: '25h',
          additionalRoots: [{ secretRef: { name: 'roots', key: 'ca.crt', sha256: ['ab'.repeat(32)] } }],
        },
      },
    )
  })

  test('refuse a member that they do not know', async () => {
    const misspelt = issuerOf({ kind: 'MeshCAIssuer', spec: { allowedRequester: ['somebody'] } })
    await assert.rejects(tryOut(misspelt), /strict decoding error: unknown field "spec\.allowedRequester"$/)
  })

  test('keep spec and status apart, and count generations of the spec only', async () => {
    const object = { ...issuerOf({ kind: 'MeshCAIssuer', spec: {} }, 'apart'), status: STATUS }
    const created = await lab.kube.create(object)
    assert.deepEqual([created.status, created.metadata.generation], [undefined, 1])
    const written = await lab.kube.apply({ ...object, spec: { pathLength: 7 } }, { subresource: 'status' })
    assert.deepEqual([written.status, written.spec.pathLength, written.metadata.generation], [STATUS, 0, 1])
  })

  test('show in kubectl what a person needs', async () => {
    for (const kind of ['MeshCAIssuer', 'MeshCAClusterIssuer'] as const) {
      const object = issuerOf({ kind, spec: {} }, 'shown')
      await lab.kube.create(object)
      await lab.kube.apply({ ...object, status: STATUS }, { subresource: 'status' })
    }
    const kubectl = join(await controlPlaneBinaries(lab.workspace), 'kubectl')
    const kubeconfig = lab.controlPlane.kubeconfig('admin')
    const show = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { stdout } = await promisify(execFile)(kubectl, [`--kubeconfig=${kubeconfig}`, 'get', ...args])
      return stdout
        .trimEnd()
        .replace(/ \d+m?\d*s *$/gm, ' <age>')
        .split('\n')
    }
    const line = 'shown   True    CA        2036-02-03T04:05:06Z   0123456789abcdef'
    const header = 'NAME    READY   BACKEND   AUTHORITY ENDS         ROOT'
    assert.deepEqual(await show('mci', 'shown'), [`${header}               AGE`, `${line}   <age>`])
    assert.deepEqual(await show('mcci', 'shown'), [`${header}               AGE`, `${line}   <age>`])
    const wide = await show('mci', 'shown', '-o', 'wide')
    assert.deepEqual(wide, [
      `${header}               REASON    MESSAGE              AGE`,
      `${line}   Checked   the back end signs   <age>`,
    ])
    const category = (await show('cert-manager', '-A', '-o', 'name')).filter((name) => name.endsWith('/shown'))
    assert.deepEqual(category.sort(), ['meshcaclusterissuer.meshca.dev/shown', 'meshcaissuer.meshca.dev/shown'])
  })
})
