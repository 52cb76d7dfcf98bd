import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { refusal, stageWith } from '../../testing/aws-credentials.ts'
import { never } from '../../testing/aws-stage.ts'
import { TEST_USER } from '../../testing/fakes/acm-pca/world.ts'
import type { AwsPrivateCAConfig } from './config.ts'

/** The SDK reads it by itself. */
function withEnvironment(context: TestContext, change: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(change)) {
    const before = process.env[name]
    context.after(() => setVariable(name, before))
    setVariable(name, value)
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

const BARE: Readonly<Record<string, string | undefined>> = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
}
const AMBIENT: Partial<AwsPrivateCAConfig> = { credentials: { kind: 'ambient' } }

test("the controller's environment is asked anew when AWS does not take what it gave", async (context) => {
  const { accessKeyId, secretAccessKey } = TEST_USER
  withEnvironment(context, {
    ...BARE,
    AWS_ACCESS_KEY_ID: 'AKIAOLD0000000000000',
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  })
  const stage = await stageWith(context)
  const backend = stage.open(AMBIENT)
  const [, code] = await refusal(() => backend.check(never))
  assert.deepEqual([code, stage.fake.journal.calls()], ['credentials-unknown', 2])
  withEnvironment(context, { AWS_ACCESS_KEY_ID: accessKeyId })
  await backend.check(never)
  assert.equal(stage.fake.journal.calls(), 5)
})

test('so is a file of profiles, as it is by then', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'aws-profiles-'))
  context.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'credentials')
  const write = (keyId: string): Promise<void> =>
    writeFile(file, `[default]\naws_access_key_id=${keyId}\naws_secret_access_key=${TEST_USER.secretAccessKey}\n`)
  withEnvironment(context, { ...BARE, AWS_SHARED_CREDENTIALS_FILE: file })
  const stage = await stageWith(context)
  await write('AKIAOLD0000000000000')
  const backend = stage.open(AMBIENT)
  assert.equal((await refusal(() => backend.check(never)))[1], 'credentials-unknown')
  await write(TEST_USER.accessKeyId)
  await backend.check(never)
})

test('an environment without credentials is told as such', async (context) => {
  withEnvironment(context, BARE)
  const stage = await stageWith(context)
  const [remedy, code, part] = await refusal(() => stage.open(AMBIENT).check(never))
  assert.deepEqual([remedy, code, part], ['recheck-issuer', 'credentials-missing', 'CredentialsReady'])
})
