import { join } from 'node:path'
import { issuer } from '../harness/objects.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { type OpenBao, startOpenBao } from '../lab/openbao.ts'
import { startProgram } from '../lab/process.ts'
import { mountRoot, rightsOn, vaultSpec, writePolicy } from '../stories/support-vault.ts'
import { LOGINS } from '../stories/support-vault-login.ts'
import type { BenchCluster } from './cluster.ts'
import { type Bundle, startBundle } from './controller.ts'
import { type Measurement, summaryOf } from './measure.ts'
import { builtPeer, CERT_MANAGER_VAULT } from './peers.ts'
import { NAMESPACE } from './requests.ts'
import { type RoundFigures, runRound } from './round.ts'

/** Name of the issuer that leads to OpenBao. */
export const VAULT_ISSUER = 'vault'

export interface VaultResult {
  readonly limit: readonly RoundFigures[]
  readonly own: readonly RoundFigures[]
  /** Logins for all certificates of our own. */
  readonly logins: number
  readonly certificates: number
  /** cert-manager's own Vault issuer. */
  readonly peer: readonly RoundFigures[]
}

/** Rounds with a real OpenBao, each beside one of the limit and one of cert-manager's own Vault issuer. */
export async function measureVault(
  cluster: BenchCluster,
  bundle: Bundle,
  { plan, say }: Measurement,
): Promise<VaultResult> {
  // Its disk and the log of its calls are not what is measured.
  const bao = await startOpenBao(cluster.lab.workspace, { storage: 'memory', audited: false })
  await prepareVault(cluster, bao)
  const logins = { count: 0, tokensBefore: await tokenCount(bao) }
  const program = await startBundle(cluster.lab.controlPlane, bundle)
  const ofController = { controllerPid: program.pid, issuer: VAULT_ISSUER }
  const count = plan.requests
  const signed = async (name: string, certificates: number): Promise<RoundFigures> => {
    const figures = await runRound(cluster, { name, count: certificates, ...ofController })
    const tokens = await tokenCount(bao)
    logins.count += tokens - logins.tokensBefore
    logins.tokensBefore = tokens
    return figures
  }
  // A program that runs for months is measured, not one that V8 is still compiling.
  await signed('vault-warm-up', count)
  const rounds = { limit: [] as RoundFigures[], own: [] as RoundFigures[], peer: [] as RoundFigures[] }
  for (let index = 0; index < plan.pkiRounds; index += 1) {
    const limit = await runRound(cluster, { name: `vault-limit-${index}`, count })
    const own = await signed(`vault-own-${index}`, count)
    const peer = await peerRound(cluster, `vault-peer-${index}`, count)
    logins.tokensBefore = await tokenCount(bao)
    for (const [name, figures] of Object.entries({ limit, own, peer })) say(summaryOf(name, figures))
    rounds.limit.push(limit)
    rounds.own.push(own)
    rounds.peer.push(peer)
  }
  await program.stop()
  return { ...rounds, logins: logins.count, certificates: count * (1 + plan.pkiRounds) }
}

/** Tokens that live: each login makes one, and nobody else logs in during our own rounds. */
async function tokenCount(bao: OpenBao): Promise<number> {
  interface Accessors {
    readonly data: { readonly keys: readonly string[] }
  }
  const { data } = await bao.admin<Accessors>('LIST', 'auth/token/accessors')
  return data.keys.length
}

async function peerRound(cluster: BenchCluster, name: string, count: number): Promise<RoundFigures> {
  const { lab } = cluster
  const folder = await builtPeer(CERT_MANAGER_VAULT)
  const program = await startProgram(lab.workspace, {
    name,
    command: join(folder, 'bin', 'cert-manager-vault'),
    args: [`-api-server-kubeconfig=${lab.controlPlane.kubeconfig('cert-manager')}`],
  })
  await program.whileRunning(program.log.waitFor(/the Vault issuer is running/))
  const round = await runRound(cluster, {
    ...{ name, count, issuer: VAULT_ISSUER, kind: 'Issuer' },
    controllerPid: program.pid,
  })
  await program.stop()
  return round
}

/** A root, a role, and an issuer of ours and one of cert-manager's that log in alike. */
export async function prepareVault({ lab, admin }: BenchCluster, bao: OpenBao): Promise<void> {
  const ca = await mountRoot(bao, { mount: 'pki', name: 'bench' })
  await bao.admin('POST', `${ca.mount}/roles/${VAULT_ISSUER}`, {
    ...{ allow_any_name: true, enforce_hostnames: false, require_cn: false, key_type: 'any', max_ttl: '8760h' },
  })
  const rights = { ...rightsOn(ca), [`${ca.mount}/sign/${VAULT_ISSUER}`]: ['update'] }
  const policies = [await writePolicy(bao, VAULT_ISSUER, rights)]
  const fixture = { bao, controlPlane: lab.controlPlane, namespace: NAMESPACE, name: VAULT_ISSUER, policies }
  const { auth } = await LOGINS.appRole(fixture)
  const spec = vaultSpec(bao, { mount: ca.mount, auth })
  await admin.apply(issuer({ namespace: NAMESPACE, name: VAULT_ISSUER, spec }))
  await admin.apply(certManagerIssuer(bao, `${ca.mount}/sign/${VAULT_ISSUER}`, auth))
}

function certManagerIssuer(
  { address, caPem }: OpenBao,
  path: string,
  { appRole }: Readonly<Record<string, unknown>>,
): KubeObject & { readonly spec: object } {
  const { mount, roleID, secretRef } = appRole as { mount: string; roleID: string; secretRef: { name: string } }
  const login = { path: mount, roleId: roleID, secretRef: { ...secretRef, key: 'secret-id' } }
  const caBundle = Buffer.from(caPem).toString('base64')
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: { namespace: NAMESPACE, name: VAULT_ISSUER },
    spec: { vault: { server: address, path, caBundle, auth: { appRole: login } } },
  }
}
