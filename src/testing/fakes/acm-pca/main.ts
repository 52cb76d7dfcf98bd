import process from 'node:process'
import { startAcmPca } from './http.ts'
import { isObject } from './input.ts'
import type { AcmPcaConfig } from './options.ts'

/**
 * The fake as a process of its own: `node main.ts '{"authorities":[…],"credentials":[…]}'`. It prints {"url": …} in one
 * line and runs until SIGTERM or SIGINT.
 */
const config: unknown = JSON.parse(process.argv[2] ?? 'null')
if (!isConfig(config)) throw new Error('give the configuration as JSON: at least {"authorities": []}')
const { url, close } = await startAcmPca({ ...config, now: Date.now })
process.stdout.write(`${JSON.stringify({ url })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close())

function isConfig(value: unknown): value is AcmPcaConfig {
  return isObject(value) && Array.isArray(value.authorities)
}
