import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from './settings.ts'

const LEADER = 'leader-election'
const SHORTER = `--${LEADER}-renew-deadline must be shorter than --${LEADER}-lease-duration, so that a leader ends before another begins`
const TWICE = `--${LEADER}-retry-period must be shorter than --${LEADER}-renew-deadline, also with a fifth more for chance, so that a leader can renew in time`
const UNFIT = [
  { duration: '10s', deadline: '10s', retry: '2s', message: SHORTER },
  { duration: '9s', deadline: '10s', retry: '2s', message: SHORTER },
  { duration: '15s', deadline: '10s', retry: '11s', message: TWICE },
  { duration: '15s', deadline: '6s', retry: '5s', message: TWICE },
]

for (const { duration, deadline, retry, message } of UNFIT)
  test(`a Lease of ${duration} with a deadline of ${deadline} and tries every ${retry} is refused, as by client-go`, () => {
    const flags = {
      [`${LEADER}-lease-duration`]: duration,
      [`${LEADER}-renew-deadline`]: deadline,
      [`${LEADER}-retry-period`]: retry,
    }
    assert.throws(() => readSettings(flags, {}), { name: 'SettingsError', message })
  })

test('the name of a Lease may be long', () => {
  const name = `${'a'.repeat(200)}.${'b'.repeat(52)}`
  assert.equal(readSettings({ [`${LEADER}-lease-name`]: name }, {}).leaseName, name)
})

test('a Lease may be short', () => {
  const flags = {
    [`${LEADER}-lease-duration`]: '3s',
    [`${LEADER}-renew-deadline`]: '2s',
    [`${LEADER}-retry-period`]: '1.6s',
  }
  assert.deepEqual(readSettings(flags, {}).leaderElection, { durationMs: 3000, deadlineMs: 2000, retryMs: 1600 })
})
