import { chmodSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { bundledPackages, licencesText } from './licences.ts'
import { oneCopyOfEach, withoutUnused } from './slim.ts'

/**
 * The heap that the controller is made for; without these flags it creeps to twice the size. Its young part is too small to be
 * worth the threads that would clear it side by side: they cost a twentieth of the controller's CPU.
 */
export const HEAP_FLAGS = ['--max-old-space-size=64', '--max-semi-space-size=4', '--no-parallel-scavenge']

/**
 * One arena: glibc makes one for each thread, and they kept 20 MiB that nobody used. And blocks of 32 KiB and more by mmap, so
 * that what V8 frees after it has read the bundle goes back: 20 MiB more.
 */
const ALLOCATOR = 'MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768'

/** Works where a system's `env` can split its argument (-S), which Linux and macOS have. */
const SHEBANG = `#!/usr/bin/env -S ${ALLOCATOR} node ${HEAP_FLAGS.join(' ')}`

export interface BundleOptions {
  readonly entry: string
  readonly outfile: string
}

export interface Bundle {
  /** Source files that went in, relative to the working directory. */
  readonly inputs: readonly string[]
  readonly bytes: number
}

/**
 * Makes one file that runs alone and by itself, and LICENSES beside it.
 * @throws {Error} when esbuild has anything to remark, or when something is bundled that belongs to the build
 */
export async function bundle({ entry, outfile }: BundleOptions): Promise<Bundle> {
  const { metafile, warnings } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // Old versions must be able to read the file, so that it can tell them that they are too old.
    target: 'node18',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: `${SHEBANG}\nconst bundleUrl = require('node:url').pathToFileURL(__filename).href;` },
    plugins: [withoutUnused, oneCopyOfEach()],
  })
  const inputs = Object.keys(metafile.inputs)
  const [warning] = warnings
  if (warning !== undefined) throw new Error(`${warning.location?.file ?? entry}: esbuild warns: ${warning.text}`)
  const strays = inputs.filter((file) => /node_modules\/zod\/|\/testing\/|\.test\.ts$/.test(file))
  if (strays.length > 0) throw new Error(`The bundle must not contain ${strays.join(', ')}.`)
  writeFileSync(join(dirname(outfile), 'LICENSES'), licencesText(bundledPackages(inputs)))
  chmodSync(outfile, 0o755)
  return { inputs, bytes: Object.values(metafile.outputs)[0]?.bytes ?? 0 }
}
