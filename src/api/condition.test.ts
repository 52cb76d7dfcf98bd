import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Condition,
  findCondition,
  isConditionTrue,
  readConditions,
  setCondition,
  transition,
} from './condition.ts'
import { formatTime, parseTime } from './time.ts'

const BEFORE = '2026-01-02T03:04:05Z'
const NOW = Date.UTC(2026, 1, 3, 4, 5, 6, 789)
const NOW_TEXT = '2026-02-03T04:05:06Z'

const pending: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'Pending',
  message: 'waiting',
  lastTransitionTime: BEFORE,
}
const approved: Condition = { type: 'Approved', status: 'True' }

describe('a condition', () => {
  const change = { type: 'Ready', status: 'False', reason: 'Failed', message: 'it cannot be' } as const

  for (const { name, before, expected } of [
    { name: 'keeps its time while its status stays', before: pending, expected: BEFORE },
    {
      name: 'takes the present time when its status changes',
      before: { ...pending, status: 'True' as const },
      expected: NOW_TEXT,
    },
    { name: 'takes the present time when it is new', before: undefined, expected: NOW_TEXT },
    {
      name: 'takes the present time when it had none',
      before: { type: 'Ready', status: 'False' as const },
      expected: NOW_TEXT,
    },
  ]) {
    test(name, () => assert.deepEqual(transition(before, change, NOW), { ...change, lastTransitionTime: expected }))
  }

  test('is replaced in its place', () => {
    assert.deepEqual(setCondition([pending, approved], change, NOW), [
      { ...change, lastTransitionTime: BEFORE },
      approved,
    ])
  })

  test('is added at the end', () => {
    assert.deepEqual(setCondition([approved], change, NOW), [approved, { ...change, lastTransitionTime: NOW_TEXT }])
  })

  test('is found by its type', () => {
    assert.deepEqual(findCondition([approved, pending], 'Ready'), pending)
    assert.equal(findCondition([approved], 'Ready'), undefined)
  })

  test('is true only when it is there and True', () => {
    assert.equal(isConditionTrue([approved, pending], 'Approved'), true)
    assert.equal(isConditionTrue([approved, pending], 'Ready'), false)
    assert.equal(isConditionTrue([], 'Approved'), false)
    assert.equal(isConditionTrue([{ type: 'Approved', status: 'Unknown' }], 'Approved'), false)
  })

  test('is read with what it has, and left out when it is none', () => {
    const complete = { ...pending, observedGeneration: 7 }
    const odd = [null, 'Ready', { type: 'Ready' }, { type: 'Ready', status: 'true' }, { status: 'True' }, [complete]]
    assert.deepEqual(readConditions([complete, approved, ...odd]), [complete, approved])
    assert.deepEqual(readConditions(undefined), [])
    assert.deepEqual(readConditions({}), [])
    assert.deepEqual(readConditions([{ ...approved, reason: 1, message: null, observedGeneration: '7', x: 1 }]), [
      approved,
    ])
  })
})

describe('an instant', () => {
  for (const [text, instant] of [
    ['2026-02-03T04:05:06Z', NOW - 789],
    ['2026-02-03T04:05:06.789Z', NOW],
    ['2026-02-03T04:05:06.789123Z', NOW],
    ['2026-02-03T05:05:06.789+01:00', NOW],
  ] as const) {
    test(`is read from ${text}`, () => assert.equal(parseTime(text), instant))
  }

  for (const text of [
    undefined,
    '',
    'now',
    '2026-02-03',
    '2026-02-03T04:05:06',
    '2026-02-03 04:05:06Z',
    '2026-13-03T04:05:06Z',
  ]) {
    test(`is not read from ${text}`, () => assert.equal(parseTime(text), undefined))
  }

  test('is written in whole seconds of UTC, cut off', () => assert.equal(formatTime(NOW), NOW_TEXT))
})
