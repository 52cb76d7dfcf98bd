import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FastClock, RATES } from './support-aws-fast-clock.ts'

const [, WAITING, WORKING, HASTY] = RATES

describe('the clock that stories hasten', () => {
  test('goes on from where it was at each rate', () => {
    let real = 5
    const clock = new FastClock(
      () => 1_000_000,
      () => real,
    )
    const after = (ms: number): number => {
      real += ms
      return clock.now() - 1_000_000
    }
    assert.equal(after(10), 10)
    clock.turn()
    assert.equal(after(10), 10 + 10 * WAITING)
    clock.turn()
    assert.equal(after(10), 10 + 10 * (WAITING + WORKING))
    clock.turn()
    assert.equal(after(10), 10 + 10 * (WAITING + WORKING + HASTY))
    clock.turn()
    assert.equal(after(10), 20 + 10 * (WAITING + WORKING + HASTY))
  })

  test('what waits takes the new rate, and what was taken back never comes', async () => {
    const clock = new FastClock()
    const fired: string[] = []
    const begin = performance.now()
    const never = clock.after(300, () => fired.push('never'))
    const done = new Promise<void>((resolve) => {
      clock.after(3000, () => {
        fired.push('late')
        resolve()
      })
    })
    clock.turn()
    never.close()
    await done
    assert.deepEqual(fired, ['late'])
    assert.ok(clock.elapsed() >= 3000)
    assert.ok(performance.now() - begin < 2500)
  })
})
