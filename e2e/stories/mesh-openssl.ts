import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Workspace } from '../lab/workspace.ts'

const run = promisify(execFile)

export interface StrictCheck {
  /** The certificate in question. */
  readonly certificatePem: string
  /** Certificates between it and the roots. */
  readonly betweenPem?: string
  readonly rootsPem: string
  readonly purpose?: 'sslserver' | 'sslclient'
}

/** Why tests that ask OpenSSL are left out here, or false where they are not. */
export async function withoutOpenssl(): Promise<string | false> {
  try {
    await run('openssl', ['version'])
    return false
  } catch {
    return 'openssl is not installed here'
  }
}

/** What `openssl verify -x509_strict` says of a certificate: `OK`, or its complaint. Only the roots given are trusted. */
export async function opensslVerify(workspace: Workspace, check: StrictCheck): Promise<string> {
  const folder = await workspace.subfolder('openssl')
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  const { certificatePem, betweenPem, rootsPem, purpose } = check
  const args = [
    ...['verify', '-x509_strict', '-no-CApath', '-no-CAstore', '-CAfile', await file('roots.pem', rootsPem)],
    ...(betweenPem === undefined ? [] : ['-untrusted', await file('between.pem', betweenPem)]),
    ...(purpose === undefined ? [] : ['-purpose', purpose]),
  ]
  const certificate = await file('certificate.pem', certificatePem)
  try {
    const { stdout } = await run('openssl', [...args, certificate], { env: { ...workspace.environment } })
    return stdout.replace(`${certificate}: `, '').trim()
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  }
}
