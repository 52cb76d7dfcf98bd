import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CERT_MANAGER_NAMES, ISTIO_NAMES } from '../doctor/cacerts-names.ts'
import type { CacertsInput } from '../doctor/cacerts-read.ts'
import { cacertsFromPem } from '../doctor/pem-files.ts'
import { readSecret } from '../doctor/secret.ts'
import { LOOK_AT_CONTEXT } from '../doctor/words.ts'
import { ask } from './ask.ts'
import type { Cluster } from './clusters.ts'
import { UsageError } from './exit.ts'
import { coreObject } from './paths.ts'

const SECRET = /^secret\/([^/]+)\/([^/]+)$/
/** The entries that istiod looks at; what else lies in a folder is not read. */
const ENTRIES = new Set(
  [CERT_MANAGER_NAMES, ISTIO_NAMES].flatMap(({ certificate, key, chain, roots }) => [certificate, key, chain, roots]),
)

export interface SecretName {
  readonly namespace: string
  readonly name: string
}

/** Namespace and name, where a Secret is meant and not a file. */
export function secretSource(sources: readonly string[]): SecretName | undefined {
  const [source = ''] = sources
  const [, namespace, name] = SECRET.exec(source) ?? []
  if (namespace === undefined || name === undefined) return undefined
  if (sources.length > 1) throw new UsageError('a Secret is verified alone; name it and nothing else')
  return { namespace, name }
}

/**
 * Reads the Secret with the caller's rights.
 * @throws Error that says what is missing
 */
export async function readSecretSource({ client }: Cluster, { namespace, name }: SecretName): Promise<CacertsInput> {
  const answer = await ask(client, { ...coreObject(namespace, 'secrets', name), read: readSecret })
  switch (answer.state) {
    case 'read':
      return { data: answer.value.data, withKey: true, where: `Secret ${namespace}/${name}` }
    case 'absent':
      throw new Error(
        `there is no Secret ${name} in namespace ${namespace}; correct its name, or choose another --context`,
      )
    case 'forbidden':
      throw new Error(`the kubeconfig's user may not ${answer.right}; have a Role grant it, or verify files`)
    case 'failed':
      throw new Error(`${answer.message}; ${LOOK_AT_CONTEXT}`)
  }
}

/**
 * Reads a folder with the keys of a Secret as its files, or files of PEM.
 * @throws UsageError where something cannot be read; messages name files and no contents
 */
export function readFileSource(sources: readonly string[]): CacertsInput {
  const [first = ''] = sources
  if (sources.length === 1 && isFolder(first)) return readFolder(first)
  return { ...cacertsFromPem(sources.map(readText).join('\n')), where: sources.join(' and ') }
}

function readFolder(folder: string): CacertsInput {
  const names = readdirSync(folder).filter((name) => ENTRIES.has(name))
  if (names.length === 0) {
    throw new UsageError(
      `${folder} holds none of tls.crt, tls.key, ca.crt and none of Istio's own names; name a folder that does, or the files themselves`,
    )
  }
  return {
    data: Object.fromEntries(names.map((name) => [name, readText(join(folder, name))])),
    withKey: true,
    where: folder,
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new UsageError(`${file} cannot be read (${code}); name a file of PEM, a folder, or secret/<namespace>/<name>`)
  }
}
