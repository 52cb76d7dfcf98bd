import { readdir, readFile, readlink } from 'node:fs/promises'

const LISTENING = '0A'

/**
 * Addresses that a process listens on, as the kernel writes them in /proc/net/tcp (hex, host byte order:
 * `0100007F` is 127.0.0.1). Linux only.
 */
export async function listeningAddresses(pid: number): Promise<readonly string[]> {
  const sockets = await socketsOf(pid)
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8')))
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && sockets.has(fields[9] ?? ''))
    .map((fields) => fields[1]?.split(':')[0] ?? '')
}

async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`
  const targets = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')))
  return new Set(targets.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''))
}
