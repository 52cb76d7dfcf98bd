import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { ControlCommand } from './control.ts'
import { STAGE_CA, STAGE_ROOT, setStage } from './stage.ts'
import { TEST_CA_ARN, TEST_USER, testAuthority, testConfig } from './world.ts'

async function json(url: string, body?: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body })
  return { status: response.status, body: await response.json() }
}

test('the control path turns everything that a test can turn, and tells the state', async (context) => {
  const { fake } = await setStage(context)
  const command: ControlCommand = {
    clearJournal: true,
    clearFaults: true,
    faults: [{ fault: { kind: 'throttle' }, times: 3 }],
    status: { [TEST_CA_ARN]: 'DISABLED' },
    quotas: { IssueCertificate: 1 },
    credentials: [{ ...TEST_USER, accessKeyId: 'AKIANEW' }],
    removeCredentials: [TEST_USER.accessKeyId],
    permissions: { [TEST_USER.arn]: [] },
    roles: [{ arn: 'arn:aws:iam::111122223333:role/new' }],
    issueDelayMs: 500,
    tokenCollision: 'mint',
    finalNewline: false,
    latencyMs: 0,
    outage: false,
    release: true,
    endSessions: true,
  }
  const answer = await json(`${fake.url}/_control`, JSON.stringify(command))
  assert.equal(answer.status, 200)
  assert.deepEqual(answer.body, (await json(`${fake.url}/_state`)).body)
  assert.deepEqual(Object(answer.body).faults, { left: 3, hanging: 0 })
  assert.deepEqual(Object(answer.body).authorities, [
    {
      arn: TEST_CA_ARN,
      status: 'DISABLED',
      certificatePem: STAGE_CA.certificatePem,
      chainPem: STAGE_ROOT.certificatePem,
    },
  ])
  assert.deepEqual(fake.settings, { issueDelayMs: 500, tokenCollision: 'mint', finalNewline: false })
  const find = (id: string) => fake.credentials.find(id, undefined, 0).principal.permissions
  assert.deepEqual(find('AKIANEW'), [])
  assert.throws(() => find(TEST_USER.accessKeyId), { code: 'UnrecognizedClientException' })
})

test('a permission of null gives everything back', async (context) => {
  const { fake, client, issue } = await setStage(context)
  fake.control({ permissions: { [TEST_USER.arn]: [] } })
  await assert.rejects(issue(client()), { name: 'AccessDeniedException' })
  fake.control({ permissions: { [TEST_USER.arn]: null } })
  await issue(client())
})

test('commands that cannot be done are refused, and nothing is turned', async (context) => {
  const { fake } = await setStage(context)
  const bodies = ['{"issueDelayMs":5,"unknown":1}', '{"status":{"arn":"ACTIVE"}}', '[]', 'no JSON']
  const answers = await Promise.all(bodies.map((body) => json(`${fake.url}/_control`, body)))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 400, 400, 400],
  )
  assert.deepEqual(answers[0]?.body, { error: 'Error: the fake has nothing called unknown to turn' })
  assert.deepEqual(answers[1]?.body, { error: 'Error: the fake has no CA arn' })
  assert.equal(fake.settings.issueDelayMs, 0)
  assert.equal((await json(`${fake.url}/_other`)).status, 404)
})

test('the journal is read over HTTP, and control is not in it', async (context) => {
  const { fake, client, issue } = await setStage(context)
  await issue(client())
  const { body } = await json(`${fake.url}/_journal`)
  assert.deepEqual(body, JSON.parse(JSON.stringify({ ...pick(fake.journal), summary: fake.journal.summary() })))
  assert.equal(fake.journal.calls(), 1)
})

function pick({ entries, minted }: { readonly entries: unknown; readonly minted: unknown }): object {
  return { entries, minted }
}

test('it runs as a process of its own until it is told to stop', async (context) => {
  const config = { ...testConfig(STAGE_CA), authorities: [testAuthority(STAGE_CA, [STAGE_ROOT])] }
  const program: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), JSON.stringify(config)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  context.after(() => program.kill('SIGKILL'))
  assert.ok(program.stdout)
  const [line] = await once(createInterface(program.stdout), 'line')
  const { url } = JSON.parse(String(line))
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.equal(Object((await json(`${url}/_state`)).body).authorities[0].status, 'ACTIVE')
  program.kill('SIGTERM')
  assert.deepEqual(await once(program, 'exit'), [0, null])
})
