import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { Fault, RequestKind } from '../testing/fakes/apiserver/faults.ts'
import { type ReflectorStage, reflectorStage, settled, stored } from '../testing/fakes/apiserver/reflector-stage.ts'

type Step =
  | { readonly do: 'put'; readonly name: string; readonly value: number }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'fault'; readonly kind: RequestKind; readonly fault: Fault }
  | { readonly do: 'compact' | 'bookmark' | 'end' | 'let go on' }

const NAME = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const AFTER = fc.nat(4)
const STATUS = fc.constantFrom(400, 401, 403, 410, 422, 429, 500, 503, 504)
const FAULT: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('refuse' as const), status: STATUS }),
  fc.constant<Fault>({ kind: 'reset' }),
  fc.constant<Fault>({ kind: 'nonsense' }),
  fc.record({ kind: fc.constant('cut' as const), after: AFTER }),
  fc.record({ kind: fc.constant('end' as const), after: AFTER }),
  fc.record({ kind: fc.constant('stale' as const), after: AFTER }),
  fc.record({ kind: fc.constant('error-event' as const), after: AFTER, status: STATUS }),
)
const KIND = fc.constantFrom<RequestKind>('list', 'stream', 'watch')
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), name: NAME, value: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), name: NAME }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fault' as const), kind: KIND, fault: FAULT }) },
  fc.record({ do: fc.constantFrom('compact' as const, 'bookmark' as const, 'end' as const) }),
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'let go on' }) },
)

async function take({ server }: ReflectorStage, step: Step): Promise<void> {
  const { collection, faults } = server
  if (step.do === 'put') collection.put(step.name, { group: 'ours', value: step.value })
  if (step.do === 'remove') collection.remove(step.name)
  if (step.do === 'fault') faults.plan(step.kind, step.fault)
  if (step.do === 'compact') collection.compact()
  if (step.do === 'bookmark') server.bookmark()
  if (step.do === 'end') server.endWatches()
  for (let turns = 0; step.do === 'let go on' && turns < 20; turns++) await turn()
}

/** The changes that were told, one upon the other: what somebody would have who only listens. */
function replay(changes: readonly string[]): Readonly<Record<string, number>> {
  const kept = new Map<string, number>()
  for (const change of changes) {
    const [, name = '', before, after] = /^(\S+) (\S+)>(\S+)$/.exec(change) ?? []
    assert.equal(String(kept.get(name) ?? '-'), before, `${change} does not follow from what was told before`)
    if (after === '-') kept.delete(name)
    else kept.set(name, Number(after))
  }
  return Object.fromEntries(
    [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [`default/${name}`, value]),
  )
}

const SERVERS = fc.record({ streamingList: fc.boolean(), fieldSelectors: fc.boolean() })

test('after any faults and changes the store is what the server has, and so is what was told', async () => {
  await fc.assert(
    fc.asyncProperty(SERVERS, fc.array(STEP, { maxLength: 40 }), async (server, steps) => {
      const stage = await reflectorStage({ ...server, fieldSelector: 'spec.group=ours' })
      try {
        stage.start()
        for (const step of steps) await take(stage, step)
        stage.server.faults.stop()
        stage.server.endWatches()
        // A change that comes with a list is told before the list is complete, so the second one has to be waited for.
        await settled(stage)
        await settled(stage, 101)
        await stage.reflector.synced
        const expected = stage.server.collection.objects.map(({ metadata, spec }) => [
          `default/${metadata.name}`,
          spec.value,
        ])
        assert.deepEqual(stored(stage.reflector), Object.fromEntries(expected))
        assert.deepEqual(replay(stage.changes), Object.fromEntries(expected))
      } finally {
        await stage.close()
      }
    }),
    { numRuns: 60 },
  )
})
