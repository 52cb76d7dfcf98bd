import { open, rm, stat, utimes } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const HEARTBEAT_MS = 2_000
const STALE_MS = 15_000
const LOOK_AGAIN_MS = 500

/**
 * Runs `work` while holding the lock file. The holder keeps the file's time fresh; a file that nobody has touched for
 * 15 s was left by a killed process and is taken over. `waiting` is called once when another process holds it.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, waiting: () => void): Promise<T> {
  let announced = false
  while (!(await take(file))) {
    if (!announced) waiting()
    announced = true
    await delay(LOOK_AGAIN_MS)
  }
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(file, now, now).catch(() => undefined)
  }, HEARTBEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    await rm(file, { force: true })
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.close()
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const age = await ageMs(file)
    // Two waiters may both take over a stale lock: then both build, each into a folder of its own, and one result is kept.
    if (age !== undefined && age > STALE_MS) await rm(file, { force: true })
    return false
  }
}

async function ageMs(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined)
  return found === undefined ? undefined : Date.now() - found.mtimeMs
}
