import { join } from 'node:path'
import { readEnvironment } from '../lab/environment.ts'
import { ensureModule } from '../lab/go-build.ts'
import type { GoModule } from '../lab/go-modules.ts'
import { showProgress } from '../lab/progress.ts'

const GO = join(import.meta.dirname, 'go')

/** cert-manager's own Vault issuer. */
export const CERT_MANAGER_VAULT: GoModule = {
  name: 'cert-manager-vault',
  folder: join(GO, 'cert-manager-vault'),
  binaries: [{ name: 'cert-manager-vault', from: 'command', package: '.' }],
}

/** The existing issuer for AWS Private CA, with its CRDs. */
export const AWS_PRIVATECA_ISSUER: GoModule = {
  name: 'aws-privateca-issuer',
  folder: join(GO, 'aws-privateca-issuer'),
  binaries: [
    { name: 'aws-privateca-issuer', from: 'command', package: 'github.com/cert-manager/aws-privateca-issuer' },
  ],
  files: {
    module: 'github.com/cert-manager/aws-privateca-issuer',
    folder: 'config/crd/bases',
    pattern: /\.yaml$/,
    to: 'crds',
  },
}

/** Folder of a peer, built where it is not there yet: `bin/`, and `crds/` where it has some. */
export async function builtPeer(module: GoModule): Promise<string> {
  const progress = showProgress(process.stderr, 'Building a peer to compare with,', module.binaries.length)
  return ensureModule(module, {
    environment: readEnvironment(),
    started: progress.start,
    waiting: (name) => progress.say(`Another process is building ${name}; waiting for it.`),
  })
}
