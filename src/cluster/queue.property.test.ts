import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VirtualTime } from '../testing/fakes/apiserver/virtual-time.ts'
import { WorkQueue } from './queue.ts'

/** What is asked of a queue, in the plainest words: one line of people, those at the counter, and those with an appointment. */
class Model {
  line: string[] = []
  again: string[] = []
  appointments: { readonly key: string; readonly at: number }[] = []
  readonly working = new Set<string>()
  now = 0

  add(key: string): void {
    const place = this.working.has(key) ? this.again : this.line
    if (!place.includes(key)) place.push(key)
  }

  addAfter(key: string, ms: number): void {
    const at = this.now + ms
    const [known] = this.appointments.filter((one) => one.key === key)
    if (known !== undefined && known.at <= at) return
    this.appointments = [...this.appointments.filter((one) => one.key !== key), { key, at }]
  }

  advance(ms: number): void {
    this.now += ms
    const due = this.appointments.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at)
    this.appointments = this.appointments.filter(({ at }) => at > this.now)
    for (const { key } of due) this.add(key)
  }

  take(): string | undefined {
    const key = this.line.shift()
    if (key !== undefined) this.working.add(key)
    return key
  }

  done(key: string): void {
    this.working.delete(key)
    if (!this.again.includes(key)) return
    this.again = this.again.filter((one) => one !== key)
    this.add(key)
  }
}

interface Real {
  readonly queue: WorkQueue
  readonly time: VirtualTime
}

type Command = fc.AsyncCommand<Model, Real>

function command(
  text: string,
  run: (model: Model, real: Real) => Promise<void> | void,
  check?: (model: Model) => boolean,
): Command {
  return {
    check: (model) => check?.(model) ?? true,
    run: async (model, real) => run(model, real),
    toString: () => text,
  }
}

async function takeNow(queue: WorkQueue): Promise<string | undefined> {
  const nothingMore = new AbortController()
  const taken = queue.take(nothingMore.signal)
  nothingMore.abort()
  return taken
}

const key = fc.constantFrom('a', 'b', 'c', 'd')
const ms = fc.nat(100)
const COMMANDS: fc.Arbitrary<Command>[] = [
  key.map((k) =>
    command(`add ${k}`, (model, { queue }) => {
      model.add(k)
      queue.add(k)
    }),
  ),
  fc.tuple(key, ms).map(([k, gap]) =>
    command(`add ${k} after ${gap}`, (model, { queue }) => {
      model.addAfter(k, gap)
      queue.addAfter(k, gap)
    }),
  ),
  ms.map((gap) =>
    command(`wait ${gap}`, (model, { time }) => {
      model.advance(gap)
      time.advanceNow(gap)
    }),
  ),
  fc.constant(
    command('take', async (model, { queue }) => {
      assert.equal(await takeNow(queue), model.take())
      assert.equal(queue.depth, model.line.length + model.again.length)
    }),
  ),
  key.map((k) =>
    command(
      `done ${k}`,
      (model, { queue }) => {
        model.done(k)
        queue.done(k)
      },
      (model) => model.working.has(k),
    ),
  ),
]

/** Works off everything: what the model still owes must come, in its order, and nothing else. */
async function workOff(model: Model, { queue, time }: Real): Promise<void> {
  model.advance(1000)
  time.advanceNow(1000)
  for (const working of [...model.working]) {
    model.done(working)
    queue.done(working)
  }
  for (let expected = model.take(); expected !== undefined; expected = model.take()) {
    assert.equal(await takeNow(queue), expected)
    model.done(expected)
    queue.done(expected)
  }
  assert.equal(await takeNow(queue), undefined)
  assert.equal(time.pending, 0)
}

test('no key is worked on twice at a time, none is lost, and all come in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 80 }), async (commands) => {
      const time = new VirtualTime()
      const real = { time, queue: new WorkQueue({ now: time.now, after: time.after, random: () => 1 }) }
      const model = new Model()
      await fc.asyncModelRun(() => ({ model, real }), commands)
      await workOff(model, real)
    }),
    { numRuns: 200 },
  )
})

test('workers that wait get every key, whoever of them is free', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(key, { maxLength: 50 }), fc.integer({ min: 1, max: 4 }), async (keys, workers) => {
      const time = new VirtualTime()
      const queue = new WorkQueue({ now: time.now, after: time.after, random: () => 1 })
      const [stop, working, seen] = [new AbortController(), new Set<string>(), new Set<string>()]
      const work = async (): Promise<void> => {
        for (let taken = await queue.take(stop.signal); taken !== undefined; taken = await queue.take(stop.signal)) {
          assert.ok(!working.has(taken), `${taken} is worked on twice`)
          working.add(taken)
          await Promise.resolve()
          seen.add(taken)
          working.delete(taken)
          queue.done(taken)
        }
      }
      const all = Promise.all(Array.from({ length: workers }, work))
      for (const one of keys) queue.add(one)
      await time.advance(0)
      stop.abort()
      await all
      assert.deepEqual([...seen].sort(), [...new Set(keys)].sort())
      assert.equal(queue.depth, 0)
    }),
  )
})
