import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { openLog, type ProcessLog } from './log.ts'
import type { Workspace } from './workspace.ts'

/** How long a program may take to end after the polite signal before it is killed. */
const GRACE_MS = 5_000

export interface ProgramOptions {
  /** Short name: of the log file and in messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Added to an environment of PATH, HOME and TMPDIR; nothing is inherited. */
  readonly environment?: Readonly<Record<string, string>>
  readonly workingFolder?: string
  /** How the program is ended with its workspace; default SIGTERM. SIGKILL is for servers whose data goes with it. */
  readonly endWith?: NodeJS.Signals
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A started program, in a process group of its own. */
export interface Program {
  readonly name: string
  readonly pid: number
  readonly log: ProcessLog
  readonly running: () => boolean
  readonly exited: Promise<Exit>
  /** Aborted after the program has ended. */
  readonly ended: AbortSignal
  /** Resolves with `ready`, or rejects with the end of the log when the program ends before. */
  readonly whileRunning: <T>(ready: Promise<T>) => Promise<T>
  /** Sends `signal` (SIGTERM) to the group, kills it after 5 s, and resolves when the program has ended. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

/** Starts a program. It is stopped with its workspace at the latest, and by the janitor when this process dies. */
export async function startProgram(workspace: Workspace, options: ProgramOptions): Promise<Program> {
  const { name } = options
  if (workspace.stopping()) throw new Error(`${name} was not started, because its lab is being stopped.`)
  const child = spawn(options.command, options.args, {
    cwd: options.workingFolder ?? workspace.folder,
    env: { ...workspace.environment, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const pid = await pidOf(child, options)
  workspace.janitor.guardProcess(pid)
  const sink = openLog(name, join(workspace.logs, `${name}.log`))
  sink.read(child.stdout)
  sink.read(child.stderr)
  const ended = new AbortController()
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      workspace.janitor.releaseProcess(pid)
      sink.end(`it ended (${signal ?? `exit code ${code}`})`)
      resolve({ code, signal })
      // Later than the promise, whose message says more than an aborted wait.
      setImmediate(() => ended.abort())
    })
  })
  const running = (): boolean => child.exitCode === null && child.signalCode === null
  const program: Program = {
    name,
    pid,
    log: sink.log,
    running,
    exited,
    ended: ended.signal,
    whileRunning: (ready) => Promise.race([ready, exited.then((exit) => refuse(name, exit, sink.log))]),
    stop: (signal = 'SIGTERM') => stopGroup({ pid, running, ended: ended.signal, exited }, signal),
  }
  workspace.defer(() => program.stop(options.endWith))
  return program
}

function refuse(name: string, exit: Exit, log: ProcessLog): never {
  const how = exit.signal ?? `exit code ${exit.code}`
  throw new Error(`${name} ended before it was ready (${how}). Its last lines:\n${log.tail()}`)
}

async function pidOf(child: ChildProcess, options: ProgramOptions): Promise<number> {
  if (child.pid !== undefined) return child.pid
  const cause = await new Promise<Error>((resolve) => child.once('error', resolve))
  throw new Error(`${options.name} could not be started from ${options.command}: ${cause.message}.`)
}

interface Stoppable {
  readonly pid: number
  readonly running: () => boolean
  readonly ended: AbortSignal
  readonly exited: Promise<Exit>
}

async function stopGroup(program: Stoppable, signal: NodeJS.Signals): Promise<void> {
  // The group's number may belong to somebody else as soon as nobody of the group holds our pipes any more.
  if (program.ended.aborted) return
  signalGroup(program.pid, program.running() ? signal : 'SIGKILL')
  const timer = setTimeout(() => signalGroup(program.pid, 'SIGKILL'), GRACE_MS)
  await program.exited
  clearTimeout(timer)
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
