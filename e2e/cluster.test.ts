import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type ApiClient, connect, type StreamCall } from '../src/cluster/client.ts'
import { ApiError } from '../src/cluster/errors.ts'
import type { EventObject } from '../src/cluster/event-object.ts'
import { EventRecorder } from '../src/cluster/events.ts'
import { loadKubeConfig } from '../src/cluster/kube-config.ts'
import { LeaseElection } from '../src/cluster/lease.ts'
import { Reflector } from '../src/cluster/reflector.ts'
import { applyStatus, type StatusApply } from '../src/cluster/status.ts'
import { metadataOf } from '../src/cluster/watch.ts'
import { testCsr } from '../src/testing/certificates.ts'
import { installCrds } from './lab/crds.ts'
import { builtModule } from './lab/go-cache.ts'
import { CERT_MANAGER } from './lab/go-modules.ts'
import type { KubeObject } from './lab/kube-objects.ts'
import { type Lab, startLab } from './lab/lab.ts'

const REQUESTS = '/apis/cert-manager.io/v1/certificaterequests'
const NAMESPACED = '/apis/cert-manager.io/v1/namespaces/default/certificaterequests'

let lab: Lab
let client: ApiClient
before(async () => {
  lab = await startLab({ name: 'cluster', certManager: false })
  await installCrds(lab.kube, join(await builtModule(CERT_MANAGER, lab.workspace.settings), 'crds'))
  client = connect(loadKubeConfig(lab.controlPlane.kubeconfig('admin')), () => performance.now())
})
after(async () => {
  await client?.close()
  await lab?.stop()
})

interface Watching {
  readonly reflector: Reflector<string>
  /** What was asked for: `list`, `stream` or `watch`, with ` selected`. */
  readonly asked: string[]
  readonly failures: unknown[]
  /** Resolves when the object has been seen, in the state that `before>after` tells; `-` for none. */
  readonly seen: (key: string, change: string) => Promise<void>
}

/** A reflector of names and UIDs that ends with the test. */
function watching(context: TestContext, path: string, fieldSelector?: string): Watching {
  const [asked, failures, waiting]: [string[], unknown[], Map<string, () => void>] = [[], [], new Map()]
  const noted = (kind: string, query: StreamCall['query']): void => {
    asked.push(query?.fieldSelector === undefined ? kind : `${kind} selected`)
  }
  const reflector = new Reflector<string>({
    client: {
      ...client,
      request: (call) => {
        noted('list', call.query)
        return client.request(call)
      },
      stream: (call) => {
        noted(call.query?.sendInitialEvents === undefined ? 'watch' : 'stream', call.query)
        return client.stream(call)
      },
    },
    path,
    ...(fieldSelector !== undefined && { fieldSelector }),
    project: (object) => String(metadataOf(object)?.uid),
    changed: (key, was, is) =>
      waiting.get(`${key} ${was === undefined ? '-' : '+'}>${is === undefined ? '-' : '+'}`)?.(),
    failed: (error) => failures.push(error),
    now: () => performance.now(),
    random: () => 0,
  })
  const stop = new AbortController()
  const running = reflector.run(stop.signal)
  context.after(async () => {
    stop.abort()
    await running
  })
  return {
    reflector,
    asked,
    failures,
    seen: (key, change) => new Promise((resolve) => waiting.set(`${key} ${change}`, resolve)),
  }
}

function request(name: string, group: string): KubeObject {
  const spec = { request: Buffer.from('unread').toString('base64'), issuerRef: { group, kind: 'Any', name: 'any' } }
  return Object.assign(
    { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest', metadata: { name, namespace: 'default' } },
    { spec },
  )
}

function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function reference(name: string): { apiVersion: string; kind: string; namespace: string; name: string } {
  return { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest', namespace: 'default', name }
}

function kubernetesCsr(name: string): KubeObject {
  const { csrPem } = testCsr()
  const spec = {
    request: Buffer.from(csrPem).toString('base64'),
    signerName: 'meshcaclusterissuers.meshca.dev/any',
    usages: ['digital signature'],
  }
  return Object.assign(
    { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name } },
    { spec },
  )
}

interface Target {
  readonly created: KubeObject
  readonly path: string
  readonly status: unknown
}

/** Writes to it, and shows that neither an old version, nor its absence, nor its namesake is written to. */
async function assertOnlyThis({ created, path, status }: Target): Promise<void> {
  const { apiVersion, kind, metadata } = created
  const { name, uid = '', resourceVersion = '', namespace } = metadata
  const scope = namespace === undefined ? {} : { namespace }
  const reference = { apiVersion, kind, ...scope, name }
  const apply: StatusApply = { path, ...reference, uid, status, fieldManager: 'mesh-ca-issuer' }
  const versioned: StatusApply = { ...apply, resourceVersion }
  assert.deepEqual([await applyStatus(client, versioned), await applyStatus(client, apply)], ['written', 'written'])
  assert.equal(await applyStatus(client, { ...versioned, status: {} }), 'conflict')
  await lab.kube.delete(reference)
  assert.deepEqual([await applyStatus(client, versioned), await applyStatus(client, apply)], ['gone', 'gone'])
  await lab.kube.create({ ...created, metadata: { name, ...scope } })
  assert.deepEqual([await applyStatus(client, versioned), await applyStatus(client, apply)], ['conflict', 'conflict'])
  const recreated: object = await lab.kube.get(reference)
  assert.deepEqual('status' in recreated ? recreated.status : {}, {})
}

describe('on a real API server', () => {
  test('a reflector lists as a stream and goes on with changes', async (context) => {
    const { reflector, asked, failures, seen } = watching(context, '/api/v1/namespaces')
    await reflector.synced
    assert.equal(reflector.get('kube-system') !== undefined, true)
    const [created, deleted] = [seen('streamed', '->+'), seen('last', '->+')]
    await lab.kube.create(namespace('streamed'))
    await created
    await lab.kube.create(namespace('last'))
    await deleted
    assert.deepEqual([asked, failures], [['stream'], []])
  })

  test('requests are selected by the group of their issuer on the server', async (context) => {
    const { reflector, asked, failures, seen } = watching(context, REQUESTS, 'spec.issuerRef.group=meshca.dev')
    await reflector.synced
    const ours = seen('default/ours', '->+')
    await lab.kube.create(request('theirs', 'other.example'))
    await lab.kube.create(request('ours', 'meshca.dev'))
    await ours
    assert.deepEqual(
      [...reflector.entries()].map(([key]) => key),
      ['default/ours'],
    )
    const gone = seen('default/ours', '+>-')
    await lab.kube.delete(reference('ours'))
    await gone
    assert.deepEqual([asked, failures, reflector.size], [['stream selected'], [], 0])
  })

  test('a selector that the server does not know is dropped', async (context) => {
    for (const [path, selector] of [
      [REQUESTS, 'spec.duration=1h'],
      ['/api/v1/namespaces', 'spec.group=x'],
    ] as const) {
      const { reflector, asked, failures } = watching(context, path, selector)
      await reflector.synced
      assert.deepEqual(asked, ['stream selected', 'stream'])
      assert.deepEqual(
        failures.map((error) => error instanceof ApiError && error.status),
        [400],
      )
      assert.ok(reflector.size > 0)
    }
  })

  test('a reflector lives through a restart of the server and misses nothing', async (context) => {
    const { reflector, asked, seen } = watching(context, REQUESTS)
    await reflector.synced
    await lab.kube.create(request('before', 'meshca.dev'))
    await lab.controlPlane.stopApiServer()
    await lab.controlPlane.startApiServer()
    const [after, deleted] = [seen('default/after', '->+'), seen('default/before', '+>-')]
    await lab.kube.create(request('after', 'meshca.dev'))
    await after
    await lab.kube.delete(reference('before'))
    await deleted
    assert.equal(asked.filter((kind) => kind === 'list').length, 0)
  })

  test('a status reaches the request it was meant for, not the one that took its name', async () => {
    const created = await lab.kube.create(request('twice', 'meshca.dev'))
    const conditions = [{ type: 'Ready', status: 'False', reason: 'Pending', message: 'test' }]
    await assertOnlyThis({ created, path: `${NAMESPACED}/twice`, status: { conditions } })
  })

  test('the same with a signing request of Kubernetes', async () => {
    const created = await lab.kube.create(kubernetesCsr('twice'))
    const conditions = [{ type: 'Failed', status: 'True', reason: 'Refused', message: 'test' }]
    await assertOnlyThis({
      created,
      path: '/apis/certificates.k8s.io/v1/certificatesigningrequests/twice',
      status: { conditions },
    })
  })

  test('events of objects with and without a namespace are taken', async () => {
    const failures: unknown[] = []
    let made = 0
    const recorder = new EventRecorder({
      client,
      reportingController: 'meshca.dev/mesh-ca-issuer',
      reportingInstance: 'test',
      defaultNamespace: 'default',
      now: () => Date.now(),
      unique: () => {
        made += 1
        return `test${made}`
      },
      failed: (error) => failures.push(error),
    })
    const text = { type: 'Warning', reason: 'Refused', note: 'ä'.repeat(2000), action: 'Sign' } as const
    const name = 'n'.repeat(253)
    recorder.record({ ...reference(name), uid: 'one' }, text)
    recorder.record({ apiVersion: 'meshca.dev/v1alpha1', kind: 'MeshCAClusterIssuer', name, uid: 'two' }, text)
    await recorder.flush()
    assert.deepEqual(failures, [])
    const events = await client.request<{ readonly items: readonly EventObject[] }>({
      method: 'GET',
      path: '/apis/events.k8s.io/v1/namespaces/default/events',
    })
    const ours = events.items.filter(({ reportingController }) => reportingController === 'meshca.dev/mesh-ca-issuer')
    assert.deepEqual(ours.map(({ regarding }) => regarding.uid).sort(), ['one', 'two'])
  })

  test('two candidates hand the Lease over, and never lead at once', async () => {
    const leading: string[] = []
    const log: string[] = []
    const candidate = (identity: string): { readonly stop: () => Promise<void>; readonly led: Promise<void> } => {
      const [stop, led] = [new AbortController(), Promise.withResolvers<void>()]
      const election = new LeaseElection({
        client,
        namespace: 'default',
        name: 'test',
        identity,
        now: () => Date.now(),
        monotonic: () => performance.now(),
        random: Math.random,
        failed: (error) => log.push(String(error)),
        times: { durationMs: 3000, deadlineMs: 2000, retryMs: 100 },
      })
      const running = election.run(
        (signal) =>
          new Promise((resolve) => {
            leading.push(identity)
            assert.deepEqual([leading, election.isLeader()], [[identity], true])
            log.push(`+${identity}`)
            led.resolve()
            signal.addEventListener('abort', () => {
              leading.pop()
              log.push(`-${identity}`)
              resolve()
            })
          }),
        stop.signal,
      )
      return {
        led: led.promise,
        stop: async () => {
          stop.abort()
          await running
        },
      }
    }
    const a = candidate('a')
    await a.led
    const b = candidate('b')
    await a.stop()
    await b.led
    await b.stop()
    assert.deepEqual(log, ['+a', '-a', '+b', '-b'])
  })
})
