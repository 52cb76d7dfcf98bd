import { spawn } from 'node:child_process'

/**
 * Keeps the promise that nothing is left behind, however this process ends: a small shell outside our process group
 * reads what we started and, when its input closes (we ended, were killed or crashed), kills those process groups and
 * removes those folders.
 */
export interface Janitor {
  readonly guardProcess: (pid: number) => void
  readonly releaseProcess: (pid: number) => void
  readonly guardFolder: (folder: string) => void
  readonly releaseFolder: (folder: string) => void
  /** Lets the shell end; call when nothing is guarded any more. */
  readonly dismiss: () => void
}

const SCRIPT = `
pids='' folders=''
nl='
'
without() { printf '%s\\n' "$1" | grep -Fxv -- "$2"; }
while IFS=' ' read -r what value; do
  case $what in
    +process) pids="$pids$nl$value" ;;
    -process) pids=$(without "$pids" "$value") ;;
    +folder) folders="$folders$nl$value" ;;
    -folder) folders=$(without "$folders" "$value") ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
printf '%s\\n' "$folders" | while IFS= read -r folder; do
  [ -n "$folder" ] && rm -rf -- "$folder"
done
exit 0
`

/** Starts the janitor of this process. `path` is the search path that its shell uses. */
export function startJanitor(path: string): Janitor {
  const child = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: path },
  })
  child.unref()
  // A janitor killed by hand must not bring the lab down with a broken pipe.
  child.stdin.on('error', () => undefined)
  const tell = (line: string): void => {
    child.stdin.write(`${line}\n`)
  }
  return {
    guardProcess: (pid) => tell(`+process ${pid}`),
    releaseProcess: (pid) => tell(`-process ${pid}`),
    guardFolder: (folder) => tell(`+folder ${folder}`),
    releaseFolder: (folder) => tell(`-folder ${folder}`),
    dismiss: () => child.stdin.end(),
  }
}
