import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FairLine, type Place } from './line.ts'

function place(tenant: string, id: string): Place {
  return { tenant, id }
}

test('tenants take turns, each in the order in which its own came', () => {
  const line = new FairLine()
  const came = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'].map((id) => place(id.charAt(0), id))
  for (const one of came) line.join(one, 0)
  const ahead = Object.fromEntries(came.map((one) => [one.id, line.join(one, 0)]))
  assert.deepEqual(ahead, { a1: 0, b1: 1, c1: 2, a2: 3, c2: 4, a3: 5 })
})

test('who was served gives the turn to the next tenant', () => {
  const line = new FairLine()
  for (const id of ['a1', 'a2', 'b1']) line.join(place(id.charAt(0), id), 0)
  line.serve('a1')
  assert.deepEqual([line.join(place('a', 'a2'), 0), line.join(place('b', 'b1'), 0)], [1, 0])
})

test('who has its number again is before all that came later', () => {
  const line = new FairLine()
  for (const id of ['a1', 'a2', 'a3']) line.join(place('a', id), 0)
  const number = line.serve('a1')
  assert.equal(line.join({ ...place('a', 'a1'), number }, 0), 0)
  assert.equal(line.join(place('a', 'a3'), 0), 2)
})

test('who leaves is not waited for', () => {
  const line = new FairLine()
  for (const id of ['a1', 'a2']) line.join(place('a', id), 0)
  line.leave('a1')
  line.leave('nobody')
  assert.deepEqual([line.join(place('a', 'a2'), 0), line.waiting(0)], [0, 1])
})

test('who does not come back in time is forgotten', () => {
  const line = new FairLine()
  for (const id of ['a1', 'a2']) line.join(place('a', id), 0)
  line.expect('a1', 10_000)
  line.expect('a2', 10_001)
  assert.equal(line.join(place('a', 'a3'), 15_000), 2)
  assert.equal(line.join(place('a', 'a3'), 17_500), 0)
  assert.equal(line.waiting(17_500), 1)
})

test('who does not come back in time is not counted either, though nobody came who would forget it', () => {
  const line = new FairLine()
  for (const id of ['a1', 'a2']) line.join(place('a', id), 0)
  line.expect('a2', 1000)
  assert.deepEqual(
    [5000, 5001, 6000, 6001].map((now) => line.waiting(now)),
    [2, 1, 1, 0],
  )
})

const arrivals = fc.array(fc.nat(5), { minLength: 1, maxLength: 100 })

test('everybody is served, and no tenant gets ahead of another by more than one while that one waits', () => {
  fc.assert(
    fc.property(arrivals, (tenants) => {
      const line = new FairLine()
      const waiting = tenants.map((tenant, index) => place(`t${tenant}`, `r${index}`))
      for (const one of waiting) line.join(one, 0)
      const served = new Map(waiting.map(({ tenant }) => [tenant, 0]))
      while (waiting.length > 0) {
        const heads = waiting.filter((one) => line.join(one, 0) === 0)
        assert.equal(heads.length, 1)
        const [{ id, tenant } = place('', '')] = heads
        line.serve(id)
        waiting.splice(
          waiting.findIndex((one) => one.id === id),
          1,
        )
        served.set(tenant, (served.get(tenant) ?? 0) + 1)
        const most = Math.max(...served.values())
        for (const left of waiting) assert.ok((served.get(left.tenant) ?? 0) >= most - 1)
      }
    }),
  )
})
