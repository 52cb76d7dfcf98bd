import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runWorkers } from '../controllers/controller.ts'
import { recordOfCertificateRequest } from '../issuance/certificate-request-record.ts'
import type { RequestRecord } from '../issuance/request-record.ts'
import { testCertificateRequest } from '../testing/builders.ts'
import { makeQueues, type Queues, workersFor } from './queues.ts'

const SETTINGS = { workers: 2 }

function queuesOf(record: (key: string) => RequestRecord | undefined = () => undefined): Queues {
  const of = { certificateRequest: record, kubernetesCsr: record }
  const queues = makeQueues({ ...of, settings: SETTINGS, monotonic: () => 0 })
  for (const queue of Object.values(queues)) queue.start()
  return queues
}

test('nothing waits in a process that does not act: whoever begins to act looks at everything', () => {
  const queues = makeQueues({
    certificateRequest: recordOf,
    kubernetesCsr: recordOf,
    settings: SETTINGS,
    monotonic: () => 0,
  })
  for (const queue of Object.values(queues)) {
    queue.add('team/ca-1')
    queue.addAfter('team/ca-2', 0)
    assert.equal(queue.depth, 0)
    queue.start()
    queue.add('team/ca-3')
    queue.addAfter('team/ca-4', 60_000)
    assert.equal(queue.depth, 1)
    queue.stop()
    assert.equal(queue.depth, 0)
  }
})

/** A request `namespace/name` to the issuer of its namespace that is called `mesh`. */
function recordOf(key: string): RequestRecord | undefined {
  const [namespace = '', name = ''] = key.split('/')
  return recordOfCertificateRequest(testCertificateRequest({ metadata: { namespace, name } }), () => undefined)
}

/** Works until `until` was handled; keys that begin like `stuck` never come to an end. @returns what was begun */
async function work(queues: Queues, name: keyof Queues, { stuck, until }: Record<'stuck' | 'until', string>) {
  const stop = new AbortController()
  const begun: string[] = []
  const workers = runWorkers(
    {
      queue: queues[name],
      count: workersFor(SETTINGS)[name],
      handle: async (key, { signal }) => {
        begun.push(key)
        if (key === until) stop.abort()
        if (key.startsWith(stuck) && !signal.aborted)
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        return 'when-changed'
      },
      failed: (key, error) => assert.fail(`${key}: ${String(error)}`),
    },
    stop.signal,
  )
  await workers
  return begun
}

/** `begun`: how many of those that hang had a turn by then. */
const STUCK: readonly (readonly [name: keyof Queues, stuck: string, others: readonly string[], held: number])[] = [
  ['certificateRequests', 'evil/', ['team/ca-1', 'team/ca-2', 'team/ca-3'], 2],
  ['kubernetesCsrs', 'evil/', ['team/ca-1', 'team/ca-2', 'team/ca-3'], 2],
  ['issuers', 'MeshCAIssuer/evil/', ['MeshCAIssuer/team/mesh', 'MeshCAClusterIssuer//mesh'], 3],
  ['issuers', 'MeshCAClusterIssuer//evil', ['MeshCAIssuer/team/mesh', 'MeshCAClusterIssuer//mesh'], 1],
]

for (const [name, stuck, others, hanging] of STUCK) {
  test(`${name}: those of ${stuck} that hang hold up nobody else`, async () => {
    const queues = queuesOf(recordOf)
    for (let index = 0; index < 50; index += 1) queues[name].add(`${stuck}${stuck.endsWith('/') ? index : ''}`)
    for (const other of others) queues[name].add(other)
    const begun = await work(queues, name, { stuck, until: others.at(-1) ?? '' })
    assert.deepEqual(
      begun.filter((key) => !key.startsWith(stuck)),
      others,
    )
    assert.equal(begun.filter((key) => key.startsWith(stuck)).length, hanging)
  })
}

test('a request whose turn is over leaves it to the next of its tenant', async () => {
  const queue = queuesOf(recordOf).certificateRequests
  const stop = new AbortController()
  for (const key of ['team/1', 'team/2', 'team/3']) queue.add(key)
  assert.deepEqual([await queue.take(stop.signal), await queue.take(stop.signal)], ['team/1', 'team/2'])
  const third = queue.take(stop.signal)
  assert.equal(queue.depth, 1)
  queue.turnOver('team/1')
  assert.equal(await third, 'team/3')
})
