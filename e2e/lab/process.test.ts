import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { exists } from './cached-folder.ts'
import { eventually } from './eventually.ts'
import { startProgram } from './process.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

// A killed orphan stays in the table until its new parent has looked; ps tells it apart as a zombie.
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  const state = stdout.trim()
  return state !== '' && !state.startsWith('Z')
}

function shell(script: string): { readonly name: string; readonly command: string; readonly args: readonly string[] } {
  return { name: 'shell', command: '/bin/sh', args: ['-c', script] }
}

describe('a program of the lab', () => {
  let workspace: Workspace
  before(async () => {
    workspace = await openWorkspace('process')
  })
  after(() => workspace.stop())

  test('inherits nothing but a search path and folders of its own', async () => {
    const program = await startProgram(workspace, { ...shell('env'), environment: { EXTRA: 'yes' } })
    assert.deepEqual(await program.exited, { code: 0, signal: null })
    const names = program.log
      .text()
      .split('\n')
      .map((line) => line.split('=')[0])
    // The shell itself adds PWD and, depending on which one it is, a few of its own.
    const own = names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? ''))
    assert.deepEqual(own.sort(), ['EXTRA', 'HOME', 'PATH', 'TMPDIR'])
  })

  test('is waited for by a line of its log, from a position on', async () => {
    const program = await startProgram(workspace, shell('echo ready 1; read never </dev/null; echo ready 2; sleep 60'))
    assert.equal(await program.log.waitFor(/ready/), 'ready 1')
    await program.log.waitFor(/ready 2/)
    assert.equal(await program.log.waitFor(/ready/, { from: 1 }), 'ready 2')
    await assert.rejects(program.log.waitFor(/ready/, { from: program.log.position(), timeoutMs: 10 }), /waited 10 ms/)
    await program.stop()
  })

  test('that ends early fails the wait with its last lines', async () => {
    const program = await startProgram(workspace, shell('echo bad flag >&2; exit 3'))
    const never = new Promise<void>(() => undefined)
    await assert.rejects(program.whileRunning(never), /ended before it was ready \(exit code 3\).*bad flag/s)
    await assert.rejects(program.log.waitFor(/ready/), /exit code 3/)
  })

  test('is stopped together with its children', async () => {
    const program = await startProgram(workspace, shell('sleep 60 & echo child $!; wait'))
    const line = await program.log.waitFor(/^child/)
    const child = Number(line.split(' ')[1])
    assert.equal(isAlive(child), true)
    await program.stop()
    assert.equal(program.running(), false)
    await eventually({ what: 'The end of the child', withinMs: 5_000, everyMs: 10 }, async () =>
      isAlive(child) ? undefined : true,
    )
  })

  test('is stopped with the children that it left behind', async () => {
    const program = await startProgram(workspace, shell('sleep 60 & echo child $!'))
    const child = Number((await program.log.waitFor(/^child/)).split(' ')[1])
    await eventually({ what: 'The end of the parent', withinMs: 5_000, everyMs: 10 }, async () =>
      program.running() ? undefined : true,
    )
    await program.stop()
    assert.equal(isAlive(child), false)
  })

  test('that cannot be started says from where', async () => {
    const missing = { name: 'ghost', command: '/nowhere/ghost', args: [] }
    await assert.rejects(startProgram(workspace, missing), /ghost could not be started from \/nowhere\/ghost/)
  })

  test('is not started when its lab is being stopped', async () => {
    const closing = await openWorkspace('closing')
    await closing.stop()
    await assert.rejects(startProgram(closing, shell('sleep 60')), /being stopped/)
  })
})

// The child process that owns a workspace: it reports what it started and then waits to be killed.
const OWNER = `
import { openWorkspace } from ${JSON.stringify(import.meta.resolve('./workspace.ts'))}
import { startProgram } from ${JSON.stringify(import.meta.resolve('./process.ts'))}
const workspace = await openWorkspace('owner')
const { pid } = await startProgram(workspace, { name: 'sleeper', command: 'sleep', args: ['600'] })
console.log(JSON.stringify({ pid, folder: workspace.folder }))
setInterval(() => undefined, 1000)
process.on('SIGUSR1', () => { throw new Error('crash') })
`

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
  test(`nothing is left behind when the owner of a lab ends by ${signal}`, async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = await once(createInterface(owner.stdout), 'line')
    const { pid, folder }: { pid: number; folder: string } = JSON.parse(String(line))
    assert.equal(isAlive(pid), true)
    owner.kill(signal)
    await eventually({ what: 'The end of the sleeper', withinMs: 10_000, everyMs: 10 }, async () =>
      isAlive(pid) || (await exists(folder)) ? undefined : true,
    )
  })
}
