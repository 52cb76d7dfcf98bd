import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SigningError, type SigningResult } from '../backends/backend.ts'
import { ApiError } from '../cluster/errors.ts'
import type { RequestRecord } from '../issuance/request-record.ts'
import { issued, testAnswer } from '../testing/answers.ts'
import { TEST_ROOT } from '../testing/builders.ts'
import { testCa } from '../testing/certificates.ts'
import { testSign } from '../testing/decisions.ts'
import { type RequestWorld, requestWorld, signBadly, testOpenRecord } from '../testing/request-world.ts'
import type { Again } from './controller.ts'
import { handleRequest } from './requests.ts'

const KEY = 'istio-system/istio-ca-1'
const ISSUER = 'MeshCAIssuer/istio-system/mesh'
const never = { signal: new AbortController().signal, over: () => undefined }

const ASKED = `issuer ${ISSUER}`
const SIGNED = 'sign uid-istio-ca-1'
const DISCARDED = 'discard CN=istiod-ca,O=Mesh'
const ISSUED = [
  ASKED,
  SIGNED,
  `write ${KEY} Issued`,
  'tell Normal Issued',
  'observe Issued Issued 5000',
  `issued ${ISSUER} istio-ca-1 32`,
]

function waited(code: string, ...before: readonly string[]): readonly string[] {
  return [ASKED, ...before, `write ${KEY} Pending`, `tell Warning ${code}`, `observe Pending ${code} 5000`]
}

const CONDITIONS = { conditions: [{ type: 'Denied', status: 'True' } as const] }
const SETTLED: RequestRecord = { state: 'settled', uid: 'uid-istio-ca-1' }

const ROWS: readonly {
  readonly name: string
  readonly change: Partial<RequestWorld>
  readonly log: readonly string[]
  readonly again: Again
}[] = [
  { name: 'signed, proved and written', change: {}, log: ISSUED, again: 'when-changed' },
  { name: 'gone from the cache', change: { record: undefined }, log: [], again: 'when-changed' },
  { name: 'settled', change: { record: SETTLED }, log: [], again: 'when-changed' },
  { name: 'not approved', change: { record: { state: 'unapproved', uid: 'x' } }, log: [], again: 'when-changed' },
  {
    name: 'denied: no issuer is asked',
    change: { record: testOpenRecord({ status: CONDITIONS }) },
    log: [`write ${KEY} Denied`, 'tell Warning Denied', 'observe Denied Denied 65000'],
    again: 'when-changed',
  },
  {
    name: 'no such issuer',
    change: { issuer: async () => undefined },
    log: waited('IssuerNotFound'),
    again: 'when-changed',
  },
  {
    name: 'refused for good',
    change: { record: testOpenRecord({ spec: { isCA: false } }) },
    log: [ASKED, `write ${KEY} Failed`, 'tell Warning ProfileMismatch', 'observe Failed ProfileMismatch 5000'],
    again: 'when-changed',
  },
  {
    name: 'a PKI that is at it: nothing is written yet',
    change: { sign: async () => ({ state: 'pending', ticket: 't', pollAfterMs: 200 }) },
    log: [ASKED, SIGNED],
    again: { afterMs: 200 },
  },
  {
    name: 'a PKI whose quota is used up',
    change: { sign: async () => ({ state: 'pending', pollAfterMs: 9000 }) },
    log: [ASKED, SIGNED, `write ${KEY} Pending`, 'observe Pending Pending 5000'],
    again: { afterMs: 9000 },
  },
  {
    name: 'a PKI that is away',
    change: { sign: signBadly(new SigningError('retry', 'unreachable', 'the PKI is away')) },
    log: waited('Unreachable', SIGNED),
    again: 'with-backoff',
  },
  {
    name: 'a PKI that says when',
    change: { sign: signBadly(new SigningError('retry', 'throttled', 'later', { retryAfterMs: 9000 })) },
    log: waited('Throttled', SIGNED),
    again: { afterMs: 9000 },
  },
  {
    name: 'a PKI that refuses the request',
    change: { sign: signBadly(new SigningError('give-up', 'bad-csr', 'no')) },
    log: [ASKED, SIGNED, `write ${KEY} Failed`, 'tell Warning BadCsr', 'observe Failed BadCsr 5000'],
    again: 'when-changed',
  },
  {
    name: 'a PKI whose authority is broken',
    change: { sign: signBadly(new SigningError('recheck-issuer', 'ca-gone', 'no')) },
    log: [...waited('CaGone', SIGNED), `recheck ${ISSUER} ca-gone`],
    again: 'with-backoff',
  },
  {
    name: 'an answer that is not what was asked',
    change: { sign: async (request) => issued(testAnswer(testSign(request), undefined, { pathLength: 1 })) },
    log: [ASKED, SIGNED, DISCARDED, ...waited('AnswerPathLengthDiffers').slice(1), `recheck ${ISSUER}`],
    again: 'with-backoff',
  },
  {
    name: 'not the leader any more: no PKI is asked, and the request is not forgotten',
    change: { mayAct: false },
    log: [ASKED],
    again: 'with-backoff',
  },
  {
    name: 'a status that stands already: nobody is told twice',
    change: { issuer: async () => undefined, write: async () => 'unchanged' },
    log: [ASKED, `write ${KEY} Pending`],
    again: 'when-changed',
  },
  {
    name: 'another version was there first',
    change: { write: async () => 'conflict' },
    log: [ASKED, SIGNED, `write ${KEY} Issued`, DISCARDED],
    again: 'with-backoff',
  },
  {
    name: 'the Lease is lost before it was written',
    change: { write: async () => Promise.reject(new ApiError(0, 'NotLeading', 'no')) },
    log: [ASKED, SIGNED, `write ${KEY} Issued`, DISCARDED],
    again: 'with-backoff',
  },
  {
    name: 'deleted before it was written',
    change: { write: async () => 'gone' },
    log: [ASKED, SIGNED, `write ${KEY} Issued`, DISCARDED],
    again: 'when-changed',
  },
]

for (const { name, change, log, again } of ROWS) {
  test(`request: ${name}`, async () => {
    const world = Object.assign(requestWorld(), change)
    assert.deepEqual(await handleRequest(world.deps, KEY, never), again)
    assert.deepEqual(world.take(), log)
  })
}

test('a PKI that is at it for long: its ticket goes back to it, and is written once', async () => {
  const world = requestWorld()
  world.sign = async () => ({ state: 'pending', ticket: 't', pollAfterMs: 200 })
  for (let turn = 0; turn < 5; turn += 1) {
    await handleRequest(world.deps, KEY, never)
    world.now += 200
  }
  assert.deepEqual(
    world.sent.map(({ ticket }) => ticket),
    [undefined, 1, 2, 3, 4].map((polls) => (polls === undefined ? undefined : { value: 't', polls })),
  )
  assert.deepEqual(
    world.take().filter((entry) => entry.startsWith('write')),
    [`write ${KEY} Pending`, `write ${KEY} Pending`],
  )
  assert.equal(new Set(world.sent.map(({ csr }) => csr)).size, 1, 'its CSR is read and verified once')
})

test('a poll that has to wait for its turn is none: the ticket stands as it was, and a long wait is written with it', async () => {
  const world = requestWorld()
  const answers: SigningResult[] = [
    { state: 'pending', ticket: 't', pollAfterMs: 200 },
    ...Array.from({ length: 6 }, (): SigningResult => ({ state: 'pending', pollAfterMs: 200 })),
    { state: 'pending', pollAfterMs: 9000 },
  ]
  for (const answer of answers) {
    world.sign = async () => answer
    await handleRequest(world.deps, KEY, never)
    world.now += 200
  }
  assert.deepEqual(
    world.sent.slice(1).map(({ ticket }) => ticket),
    answers.slice(1).map(() => ({ value: 't', polls: 1 })),
  )
  const written = world.take().filter((entry) => entry.startsWith('write'))
  assert.deepEqual(written, [`write ${KEY} Pending`])
})

test('what was ordered before the issuer changed stays what it is, so the request ends and another may come', async () => {
  const world = requestWorld()
  world.sign = async () => ({ state: 'pending', ticket: 't', pollAfterMs: 200 })
  await handleRequest(world.deps, KEY, never)
  world.take()
  world.now += 200
  world.sign = async (request) => issued(testAnswer(testSign(request), undefined, { pathLength: 1 }))
  assert.equal(await handleRequest(world.deps, KEY, never), 'when-changed')
  assert.deepEqual(world.take(), [
    ...[ASKED, SIGNED, DISCARDED, `write ${KEY} Failed`, 'tell Warning AnswerPathLengthDiffers'],
    'observe Failed AnswerPathLengthDiffers 5200',
  ])
})

test('what was ordered and does not fit the issuer for a moment is asked for again', async () => {
  const world = Object.assign(requestWorld(), { record: { ...testOpenRecord(), ticket: 't' } })
  const other = testCa({ subject: 'CN=Other', key: TEST_ROOT.privateKey })
  world.sign = async (request) => issued(testAnswer(testSign(request), other))
  assert.equal(await handleRequest(world.deps, KEY, never), 'with-backoff')
})

test('a ticket that another process wrote down goes back to the PKI', async () => {
  const world = Object.assign(requestWorld(), { record: { ...testOpenRecord(), ticket: 't' } })
  await handleRequest(world.deps, KEY, never)
  assert.deepEqual(world.sent[0]?.ticket, { value: 't', polls: 0 })
})
