import assert from 'node:assert/strict'
import { SigningError, type SigningResult } from '../backends/backend.ts'
import { type AwsStage, awsStage, never } from './aws-stage.ts'

/** What was reported. */
export function told({ incidents }: AwsStage): readonly string[] {
  return incidents.map(({ what }) => what)
}

/** What a call was refused with. */
export async function refusal(act: () => Promise<unknown>): Promise<SigningError> {
  try {
    await act()
  } catch (error) {
    assert.ok(error instanceof SigningError, String(error))
    return error
  }
  return assert.fail('it was let through')
}

/** A stage whose CA has been looked at already. */
export async function ready(...[context, options]: Parameters<typeof awsStage>) {
  const stage = await awsStage(context, options)
  const backend = stage.open()
  await backend.check(never)
  stage.fake.journal.clear()
  return { stage, backend }
}

export function pendingOf(result: SigningResult): Extract<SigningResult, { state: 'pending' }> {
  assert.ok(result.state === 'pending')
  return result
}

export function ticketOf(result: SigningResult): string {
  assert.ok(result.state === 'pending' && result.ticket !== undefined)
  return result.ticket
}
