import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'undici'
import { type Authority, createTokenSigningKeys, issueServing } from './pki.ts'
import { type LabUser, tokenFile } from './users.ts'

/** Everything that stays the same when the API server is started again. */
export interface ApiServerFiles {
  readonly port: number
  readonly etcdPort: number
  readonly folder: string
  readonly auditLog: string | undefined
}

/** Writes the API server's certificates, token file and, if wanted, audit policy into `files.folder`. */
export async function writeApiServerFiles(
  files: ApiServerFiles,
  authority: Authority,
  users: readonly LabUser[],
): Promise<void> {
  const serving = await issueServing(authority, {
    commonName: 'kube-apiserver',
    dnsNames: ['localhost', 'kubernetes.default.svc'],
    ipAddresses: ['127.0.0.1', '10.0.0.1'],
  })
  const tokens = createTokenSigningKeys()
  const contents: Readonly<Record<string, string>> = {
    'ca.crt': authority.certificatePem,
    'tls.crt': serving.certificatePem,
    'tls.key': serving.keyPem,
    'sa.key': tokens.privatePem,
    'sa.pub': tokens.publicPem,
    'tokens.csv': tokenFile(users),
    'audit.yaml':
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n',
  }
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(files.folder, name), content, { mode: 0o600 })
  }
}

export function apiServerArguments(files: ApiServerFiles): readonly string[] {
  const at = (name: string): string => join(files.folder, name)
  const audit =
    files.auditLog === undefined
      ? []
      : [`--audit-policy-file=${at('audit.yaml')}`, `--audit-log-path=${files.auditLog}`, '--audit-log-mode=blocking']
  return [
    `--etcd-servers=http://127.0.0.1:${files.etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${files.port}`,
    `--cert-dir=${files.folder}`,
    `--tls-cert-file=${at('tls.crt')}`,
    `--tls-private-key-file=${at('tls.key')}`,
    `--client-ca-file=${at('ca.crt')}`,
    `--token-auth-file=${at('tokens.csv')}`,
    `--service-account-issuer=https://127.0.0.1:${files.port}/`,
    `--service-account-key-file=${at('sa.pub')}`,
    `--service-account-signing-key-file=${at('sa.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
    ...audit,
  ]
}

export function etcdArguments(folder: string, clientPort: number, peerPort: number): readonly string[] {
  const client = `http://127.0.0.1:${clientPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  return [
    `--data-dir=${folder}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync=true',
    '--log-level=warn',
  ]
}

/** Whether a plain-HTTP readiness address answers 200, asked directly whatever proxies the environment names. */
export async function answersOk(url: string): Promise<boolean> {
  const { origin, pathname } = new URL(url)
  const client = new Client(origin)
  try {
    const answer = await client.request({ method: 'GET', path: pathname })
    await answer.body.dump()
    return answer.statusCode === 200
  } catch {
    return false
  } finally {
    await client.destroy()
  }
}
