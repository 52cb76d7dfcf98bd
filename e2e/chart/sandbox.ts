import { execFile } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Program, type ProgramOptions, startProgram } from '../lab/process.ts'
import type { Workspace } from '../lab/workspace.ts'
import { IMAGE_USER, type Image } from './image.ts'

/** What makes a container of a folder: namespaces of mounts and processes, and /proc. */
const MOUNT = 'mount --bind "$0" "$0" && mount -t proc proc "$0/proc"'
const READ_ONLY = 'mount -o remount,ro,bind "$0"'
// Where it lies is not on everybody's PATH.
const ENTER = 'PATH="$PATH:/usr/sbin:/sbin" && exec chroot "$@"'

function wrapped(root: string, command: readonly string[], steps: readonly string[]): readonly string[] {
  const isRoot = process.getuid?.() === 0
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', ...(isRoot ? [] : ['--map-root-user'])]
  const user = isRoot ? [`--userspec=${IMAGE_USER}:${IMAGE_USER}`] : []
  return [...namespaces, 'sh', '-c', steps.join(' && '), root, ...user, root, ...command]
}

/** Why no container can be made here, if so: some systems do not let everybody have namespaces. */
export async function whyNoContainer({ root }: Image): Promise<string | undefined> {
  await mkdir(join(root, 'proc'), { recursive: true })
  return promisify(execFile)('unshare', [...wrapped(root, [], [MOUNT, READ_ONLY])]).then(
    () => undefined,
    (error: unknown) => `namespaces cannot be made here: ${String(error)}`,
  )
}

/** Runs a program to its end in an image that it may still write, as a build does. */
export async function runInImage({ root, environment }: Image, command: readonly string[]): Promise<void> {
  // The workspace is for its owner only, and another user is to look into this folder of it.
  await chmod(dirname(root), 0o711)
  await promisify(execFile)('unshare', [...wrapped(root, command, [MOUNT, ENTER])], { env: environment })
}

/** Starts a program in an image as if that were its whole file system, read-only, as the user of the image. */
export function startContainer(
  workspace: Workspace,
  { root, environment }: Image,
  options: ProgramOptions,
): Promise<Program> {
  const args = wrapped(root, [options.command, ...options.args], [MOUNT, READ_ONLY, ENTER])
  return startProgram(workspace, {
    ...options,
    command: 'unshare',
    args,
    environment: { ...environment, ...options.environment },
  })
}
