import { join } from 'node:path'
import { bundle } from './bundle/bundle.ts'

const root = join(import.meta.dirname, '..')
const outfile = join(root, 'dist', 'mesh-ca.cjs')

const { inputs, bytes } = await bundle({ entry: join(root, 'src', 'main.ts'), outfile })
console.log(
  `dist/mesh-ca.cjs: ${(bytes / 1024 / 1024).toFixed(1)} MiB of ${inputs.length} modules, licences in dist/LICENSES`,
)
