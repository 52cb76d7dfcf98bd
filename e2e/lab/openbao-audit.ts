import { readFile } from 'node:fs/promises'
import { type BaoServer, callBao } from './openbao-http.ts'

/** An answered call, as the server's audit log tells of it. Values that could be secret are digests there. */
export interface AuditedCall {
  /** Without `/v1/`. */
  readonly path: string
  readonly operation: string
  /** Of the caller's token, such as `kubernetes-istio-system-mesh-ca`. */
  readonly caller: string | undefined
  /** Why it was refused. */
  readonly error: string | undefined
}

interface Entry {
  readonly type: string
  readonly error?: string
  readonly auth?: { readonly display_name?: string }
  readonly request?: { readonly path?: string; readonly operation?: string }
}

/** Has HashiCorp Vault write its audit log, which OpenBao is told of in its configuration. */
export async function enableAudit(server: BaoServer, token: string, file: string): Promise<void> {
  const body = { type: 'file', options: { file_path: file } }
  await callBao(server, { method: 'PUT', path: 'sys/audit/file', token, body })
}

/** All answered calls, the first first. An entry is written before its answer is sent. */
export async function readAudit(file: string): Promise<readonly AuditedCall[]> {
  // What follows the last line end is still being written.
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  const entries = lines.map((line): Entry => JSON.parse(line))
  return entries
    .filter(({ type }) => type === 'response')
    .map(({ request, auth, error }) => ({
      path: request?.path ?? '',
      operation: request?.operation ?? '',
      caller: auth?.display_name,
      error,
    }))
}
