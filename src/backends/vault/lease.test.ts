import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adoptedLease, blindLease, type Lease, loginLease, patientLease, renewedLease } from './lease.ts'

const NOW = 1_000_000
const HOUR = { fullMs: 3_600_000, renewAt: NOW + 2_400_000, expiresAt: NOW + 3_595_000 }
const ENDLESS = { fullMs: Infinity, renewAt: Infinity, expiresAt: Infinity }
const AUTH = { client_token: 't', lease_duration: 3600, renewable: true, token_type: 'service' }
const LEASE: Lease = { token: 't', renewable: true, revocable: true, ...HOUR }

const ROWS: readonly { readonly name: string; readonly made: () => unknown; readonly expected: unknown }[] = [
  { name: 'a login', made: () => loginLease(AUTH, NOW), expected: LEASE },
  {
    name: 'a batch token, which nobody can give back',
    made: () => loginLease({ ...AUTH, token_type: 'batch', renewable: false }, NOW),
    expected: { ...LEASE, renewable: false, revocable: false },
  },
  {
    name: 'a short one is not used in the last tenth of its life',
    made: () => loginLease({ ...AUTH, lease_duration: 30 }, NOW),
    expected: { ...LEASE, fullMs: 30_000, renewAt: NOW + 20_000, expiresAt: NOW + 27_000 },
  },
  {
    name: 'one without an end',
    made: () => loginLease({ ...AUTH, lease_duration: 0 }, NOW),
    expected: { ...LEASE, ...ENDLESS },
  },
  {
    name: 'a duration that is no number is none',
    made: () => loginLease({ ...AUTH, lease_duration: '3600' }, NOW),
    expected: { ...LEASE, ...ENDLESS },
  },
  { name: 'no answer of a login', made: () => loginLease(undefined, NOW), expected: undefined },
  {
    name: 'a second factor instead of a token',
    made: () => loginLease({ client_token: '', mfa_requirement: {} }, NOW),
    expected: undefined,
  },
  {
    name: 'a token that was there already is renewed at once, and never given back',
    made: () => adoptedLease('t', { ttl: 3600, renewable: true }, NOW),
    expected: { ...LEASE, revocable: false, renewAt: NOW },
  },
  {
    name: 'one that cannot be renewed',
    made: () => adoptedLease('t', { ttl: 3600, renewable: false }, NOW),
    expected: { ...LEASE, revocable: false, renewable: false },
  },
  {
    name: 'a root token',
    made: () => adoptedLease('t', { ttl: 0 }, NOW),
    expected: { token: 't', renewable: false, revocable: false, ...ENDLESS },
  },
  {
    name: 'a token of which nothing can be learned',
    made: () => blindLease('t', NOW),
    expected: { token: 't', renewable: true, revocable: false, fullMs: Infinity, renewAt: NOW, expiresAt: Infinity },
  },
  {
    name: 'a renewal',
    made: () => renewedLease(LEASE, { lease_duration: 3600, renewable: true }, NOW + 10_000),
    expected: { ...LEASE, renewAt: HOUR.renewAt + 10_000, expiresAt: HOUR.expiresAt + 10_000 },
  },
  {
    name: 'a renewal by half of its life is the last but one',
    made: () => renewedLease(LEASE, { lease_duration: 1800, renewable: true }, NOW),
    expected: { ...LEASE, renewAt: NOW + 1_200_000, expiresAt: NOW + 1_795_000 },
  },
  {
    name: 'a renewal by less comes near the maximum: the next is a login',
    made: () => renewedLease(LEASE, { lease_duration: 1799, renewable: true }, NOW),
    expected: { ...LEASE, renewable: false, renewAt: NOW + (1_799_000 * 2) / 3, expiresAt: NOW + 1_794_000 },
  },
  {
    name: 'a token that was there already is renewed early, and to its very end',
    made: () => renewedLease({ ...LEASE, revocable: false, ...ENDLESS }, { lease_duration: 60, renewable: true }, NOW),
    expected: { ...LEASE, revocable: false, fullMs: Infinity, renewAt: NOW + 20_000, expiresAt: NOW + 55_000 },
  },
  {
    name: 'a refused renewal is tried again after a third of what is left',
    made: () => patientLease({ ...LEASE, expiresAt: NOW + 90_000 }, NOW),
    expected: { ...LEASE, expiresAt: NOW + 90_000, renewAt: NOW + 30_000 },
  },
  {
    name: 'but not at every call',
    made: () => patientLease({ ...LEASE, expiresAt: NOW + 3000 }, NOW),
    expected: { ...LEASE, expiresAt: NOW + 3000, renewAt: NOW + 5000 },
  },
  {
    name: 'and not only after days',
    made: () => patientLease({ ...LEASE, ...ENDLESS }, NOW),
    expected: { ...LEASE, ...ENDLESS, renewAt: NOW + 600_000 },
  },
]

for (const { name, made, expected } of ROWS) test(`a lease: ${name}`, () => assert.deepEqual(made(), expected))
