import { readFile } from 'node:fs/promises'

// Linux gives every program times in this unit, whatever the kernel's own is.
const TICKS_PER_SECOND = 100
const KIB_PER_MIB = 1024

export interface MemoryFigures {
  readonly rssMiB: number
  /** The most that it has ever been (VmHWM). */
  readonly peakMiB: number
}

/** CPU time that a process has used, of all its threads, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may itself have spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

export async function memory(pid: number): Promise<MemoryFigures> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / KIB_PER_MIB
  return { rssMiB: mebibytes('VmRSS'), peakMiB: mebibytes('VmHWM') }
}
