import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkQueue } from '../cluster/queue.ts'
import { AttemptLog } from '../controllers/attempt-log.ts'
import { RequestIndex } from '../controllers/request-index.ts'
import { carriedStatus } from '../issuance/carried-status.ts'
import { recordOfKubernetesCsr } from '../issuance/kubernetes-csr-record.ts'
import { type CarriedCA, type IssuerTarget, issuerKey, type RequestRecord } from '../issuance/request-record.ts'
import { testIssuer, testKubernetesCsr } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import { trustPair } from '../trust/transition.ts'
import { makeHandlers } from './handlers.ts'
import type { Queues } from './queues.ts'

const KEY = 'istio-system/istio-ca-1'
const ISSUER = 'MeshCAIssuer/istio-system/mesh'
const OPEN = testOpenRecord()
const UID = OPEN.uid
const UNAPPROVED: RequestRecord = { state: 'unapproved', uid: UID }
const SETTLED: RequestRecord = { state: 'settled', uid: UID }
const CLUSTER_ISSUER: IssuerTarget = { kind: 'MeshCAClusterIssuer', namespace: '', name: 'mesh' }
const ELSEWHERE: RequestRecord = { state: 'elsewhere', uid: UID, issuer: CLUSTER_ISSUER }

/** The handlers with queues that never run; what waits in them, and what was put off. */
function wired() {
  const later: string[] = []
  const queue = (name: string): WorkQueue => {
    const made = new WorkQueue({
      now: () => 0,
      random: () => 0,
      after: (ms) => {
        later.push(`${name} ${ms}`)
        return () => undefined
      },
    })
    return made
  }
  const queues = {
    certificateRequests: queue('requests'),
    kubernetesCsrs: queue('csrs'),
    issuers: queue('issuers'),
  }
  const [index, csrIndex, attempts] = [new RequestIndex(), new RequestIndex(), new AttemptLog()]
  const depths = () => Object.values(queues).map(({ depth }) => depth)
  const left: string[] = []
  const leftAlone = (key: string, issuer: IssuerTarget): void => void left.push(`${key} to ${issuerKey(issuer)}`)
  const handlers = makeHandlers({ index, csrIndex, queues, attempts, leftAlone })
  return { handlers, index, attempts, queues, depths, later, left }
}

function withFacts(change: Partial<typeof OPEN.facts>): RequestRecord {
  return { ...OPEN, resourceVersion: '8', facts: { ...OPEN.facts, ...change } }
}

const PENDING = { type: 'Ready', status: 'False', reason: 'Pending', message: 'm' } as const

const WAKES: readonly {
  readonly name: string
  readonly before: RequestRecord | undefined
  readonly after: RequestRecord | undefined
  readonly wakes: boolean
}[] = [
  { name: 'appears', before: undefined, after: OPEN, wakes: true },
  { name: 'appears unapproved', before: undefined, after: UNAPPROVED, wakes: false },
  { name: 'appears and is left to others', before: undefined, after: ELSEWHERE, wakes: false },
  { name: 'appears settled', before: undefined, after: SETTLED, wakes: false },
  { name: 'is approved', before: UNAPPROVED, after: OPEN, wakes: true },
  { name: 'is denied', before: UNAPPROVED, after: { ...OPEN, state: 'denied' }, wakes: true },
  { name: 'is denied after its approval', before: OPEN, after: { ...OPEN, state: 'denied' }, wakes: true },
  { name: 'is re-created', before: OPEN, after: { ...OPEN, uid: 'namesake' }, wakes: true },
  {
    name: 'is told to wait by us',
    before: OPEN,
    after: { ...OPEN, resourceVersion: '8', ready: PENDING },
    wakes: false,
  },
  { name: 'wishes for another path length', before: OPEN, after: withFacts({ pathLengthWish: '1' }), wakes: true },
  { name: 'is annotated as a CA', before: OPEN, after: withFacts({ isCA: false }), wakes: true },
  { name: 'is annotated with a duration', before: OPEN, after: withFacts({ duration: '1h' }), wakes: true },
  { name: 'is settled', before: OPEN, after: SETTLED, wakes: false },
  { name: 'is deleted', before: OPEN, after: undefined, wakes: false },
]

for (const { name, before, after, wakes } of WAKES) {
  test(`a request that ${name} ${wakes ? 'is looked at' : 'wakes nobody'}`, () => {
    const { handlers, depths } = wired()
    handlers.certificateRequest(KEY, before, after)
    assert.deepEqual(depths(), [wakes ? 1 : 0, 0, 0])
  })
}

test('a request that is left to others is told of once', () => {
  const { handlers, left } = wired()
  const told = `${KEY} to MeshCAClusterIssuer//mesh`
  handlers.certificateRequest(KEY, UNAPPROVED, ELSEWHERE)
  assert.deepEqual(left, [told])
  handlers.certificateRequest(KEY, ELSEWHERE, { ...ELSEWHERE })
  handlers.certificateRequest(KEY, ELSEWHERE, SETTLED)
  handlers.certificateRequest(KEY, OPEN, undefined)
  assert.deepEqual(left, [told])
})

test('a Kubernetes CSR goes its own way', () => {
  const { handlers, depths } = wired()
  handlers.kubernetesCsr('node-1', undefined, recordOfKubernetesCsr(testKubernetesCsr()))
  assert.deepEqual(depths(), [0, 1, 0])
})

for (const [name, before, after] of [
  ['settled', OPEN, SETTLED],
  ['deleted', OPEN, undefined],
  ['re-created', OPEN, { ...OPEN, uid: 'namesake' }],
] as const) {
  test(`what was remembered of a request ends when it is ${name}`, () => {
    const { handlers, attempts } = wired()
    attempts.sending(UID, TEST_NOW)
    attempts.settle(UID)
    handlers.certificateRequest(KEY, before, after)
    assert.deepEqual([attempts.base(UID), attempts.isSettled(UID)], [undefined, false])
  })
}

test('our own wait ends nothing that was remembered', () => {
  const { handlers, attempts } = wired()
  attempts.sending(UID, TEST_NOW)
  handlers.certificateRequest(KEY, OPEN, { ...OPEN, ready: PENDING })
  assert.equal(attempts.base(UID), TEST_NOW)
})

test('an issuer is looked at when its spec changes, not when its status does', () => {
  const issuer = testIssuer()
  const rows = [
    [undefined, issuer, 1],
    [issuer, { ...issuer, status: { backend: 'CA' as const } }, 0],
    [issuer, testIssuer({ metadata: { generation: 2 } }), 1],
    [issuer, testIssuer({ metadata: { uid: 'namesake' } }), 1],
    [issuer, undefined, 1],
  ] as const
  for (const [before, after, depth] of rows) {
    const { handlers, depths } = wired()
    handlers.issuer(ISSUER, before, after)
    assert.deepEqual(depths(), [0, 0, depth])
  }
})

const CARRIED: CarriedCA = {
  certificate: 'istio-system/istio-ca',
  issuer: ISSUER,
  pair: trustPair('A', ['A']),
  since: TEST_NOW,
  issuedAt: TEST_NOW,
  revision: 0,
}

test('what an issuer’s status keeps of its Certificates is remembered', () => {
  const { handlers, index } = wired()
  handlers.issuer(ISSUER, undefined, testIssuer({ status: { carried: carriedStatus([CARRIED]) } }))
  assert.deepEqual(index.carriedByCertificate(CARRIED.certificate), CARRIED)
})

function carrying(change: Partial<CarriedCA> = {}): RequestRecord {
  return { ...SETTLED, certificate: CARRIED.certificate, carried: { ...CARRIED, ...change } }
}

const STEPPED = carrying({ pair: trustPair('A', ['A', 'B']), issuedAt: TEST_NOW + 1000 })
const MOVED = carrying({ issuer: 'MeshCAIssuer/istio-system/next', issuedAt: TEST_NOW + 1000 })

test('what a Certificate carries now is looked at soon by its issuer', () => {
  const { handlers, later } = wired()
  handlers.certificateRequest(KEY, undefined, carrying())
  assert.deepEqual(later, ['issuers 5000'])
})

const STEPS: readonly {
  readonly name: string
  readonly before: RequestRecord | undefined
  readonly after: RequestRecord | undefined
  readonly woken: boolean
}[] = [
  { name: 'takes a step', before: carrying(), after: STEPPED, woken: true },
  { name: 'goes', before: carrying(), after: undefined, woken: true },
  { name: 'moves to another issuer', before: carrying(), after: MOVED, woken: true },
  { name: 'is renewed', before: carrying(), after: carrying({ issuedAt: TEST_NOW + 1000 }), woken: false },
  // It can hold others up, and helps nobody on.
  { name: 'appears', before: undefined, after: carrying(), woken: false },
]

for (const { name, before, after, woken } of STEPS)
  test(`what waits at an issuer ${woken ? 'is woken' : 'sleeps on'} when a Certificate ${name}`, async () => {
    const { handlers, queues } = wired()
    handlers.certificateRequest('istio-system/other-1', undefined, { ...OPEN, uid: 'other', certificate: 'a/other' })
    if (before !== undefined) handlers.certificateRequest(KEY, undefined, before)
    await drained(queues)
    handlers.certificateRequest(KEY, before, after)
    assert.deepEqual(waitingIn(queues), woken ? ['certificateRequests'] : [])
  })

/** Those queues in which something waits after labels changed, where an open request of each kind had its first turn before. */
async function wokenBy(...change: Parameters<ReturnType<typeof makeHandlers>['namespace']>) {
  const { handlers, queues } = wired()
  handlers.certificateRequest(KEY, undefined, OPEN)
  handlers.kubernetesCsr('node-1', undefined, recordOfKubernetesCsr(testKubernetesCsr()))
  await drained(queues)
  handlers.namespace(...change)
  return waitingIn(queues)
}

/** Gives each key that waits its turn. */
async function drained(queues: Queues): Promise<void> {
  const never = new AbortController().signal
  for (const queue of Object.values(queues)) {
    while (queue.depth > 0) queue.done((await queue.take(never)) ?? '')
  }
}

function waitingIn(queues: Queues): readonly string[] {
  return Object.entries(queues).flatMap(([name, { depth }]) => (depth === 0 ? [] : [name]))
}

test('labels of a namespace wake what is open and belongs to it, and nothing when they stay', async () => {
  assert.deepEqual(await wokenBy('istio-system', { x: '1' }, { x: '2' }), ['certificateRequests'])
  assert.deepEqual(await wokenBy('istio-system', undefined, {}), ['certificateRequests'])
  assert.deepEqual(await wokenBy('istio-system', { x: '1' }, undefined), ['certificateRequests'])
  assert.deepEqual(await wokenBy('team-a', { x: '1' }, { x: '2' }), ['kubernetesCsrs'])
  assert.deepEqual(await wokenBy('istio-system', { x: '1' }, { x: '1' }), [])
  assert.deepEqual(await wokenBy('somebody-elses', undefined, {}), [])
})
