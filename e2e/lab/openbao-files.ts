import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Authority, issueServing } from './pki.ts'
import type { VaultMaker } from './vault-maker.ts'

/** Everything that stays the same when the server is started again. */
export interface OpenBaoFiles {
  readonly folder: string
  readonly port: number
  /** Port that asks for a client certificate. */
  readonly mutualPort: number
  readonly clusterPort: number
  readonly configuration: string
  readonly caFile: string
  /** A JSON object on each line. */
  readonly auditLog: string
}

/** Name that the server's certificate carries beside localhost and 127.0.0.1. */
export const OPENBAO_NAME = 'openbao.lab'

/** Where the server keeps everything. */
export type OpenBaoStorage = 'disk' | 'memory'

/** What is not the same for every server. */
export interface OpenBaoWays {
  readonly maker: VaultMaker
  readonly storage: OpenBaoStorage
  readonly audited: boolean
}

/** Writes certificates and configuration into `files.folder`. */
export async function writeOpenBaoFiles(files: OpenBaoFiles, ways: OpenBaoWays, authority: Authority): Promise<void> {
  const serving = await issueServing(authority, {
    commonName: OPENBAO_NAME,
    dnsNames: ['localhost', OPENBAO_NAME],
    ipAddresses: ['127.0.0.1'],
  })
  const at = (name: string): string => join(files.folder, name)
  await writeFile(files.caFile, authority.certificatePem)
  await writeFile(at('tls.crt'), serving.certificatePem)
  await writeFile(at('tls.key'), serving.keyPem, { mode: 0o600 })
  await writeFile(files.configuration, configurationOf(files, ways))
}

function configurationOf(files: OpenBaoFiles, { maker, storage, audited }: OpenBaoWays): string {
  const { port, mutualPort, clusterPort, caFile } = files
  const asksForCertificate = `tls_require_and_verify_client_cert = true
  tls_client_ca_file = ${quoted(caFile)}`
  return `
api_addr = "https://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${clusterPort}"
${storage === 'memory' ? 'storage "inmem" {}' : onDisk(files)}
${maker === 'HashiCorp' ? LOCKS_NO_MEMORY : ''}
${audited && maker === 'OpenBao' ? auditTo(files) : ''}
${listener(files, port)}
${listener(files, mutualPort, asksForCertificate)}
`
}

/** Vault wants to be told, and locking takes a right that a user has not. */
const LOCKS_NO_MEMORY = 'disable_mlock = true'

/** OpenBao is told of its log here, and not by a call as Vault is. */
function auditTo({ auditLog }: OpenBaoFiles): string {
  return `audit "file" "file" {
  options {
    file_path = ${quoted(auditLog)}
  }
}`
}

/** OpenBao 2.7 has no storage in plain files any more: a Raft of one keeps everything in the folder. */
function onDisk({ folder }: OpenBaoFiles): string {
  return `storage "raft" {
  path = ${quoted(join(folder, 'data'))}
  node_id = "lab"
  performance_multiplier = 1
}`
}

function listener({ folder, clusterPort }: OpenBaoFiles, port: number, more = ''): string {
  return `listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${clusterPort}"
  tls_cert_file = ${quoted(join(folder, 'tls.crt'))}
  tls_key_file = ${quoted(join(folder, 'tls.key'))}
  ${more}
}`
}

function quoted(value: string): string {
  return JSON.stringify(value)
}
