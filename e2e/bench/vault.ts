import { join } from 'node:path'
import { issuer } from '../harness/objects.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { type OpenBao, startOpenBao } from '../lab/openbao.ts'
import { startProgram } from '../lab/process.ts'
import { callsOf, mountRoot, rightsOn, vaultSpec, writePolicy } from '../stories/support-vault.ts'
import { LOGINS } from '../stories/support-vault-login.ts'
import type { BenchCluster } from './cluster.ts'
import { type Bundle, startBundle } from './controller.ts'
import type { Measurement } from './measure.ts'
import { builtPeer, CERT_MANAGER_VAULT } from './peers.ts'
import { NAMESPACE } from './requests.ts'
import { type RoundFigures, runRound } from './round.ts'

const NAME = 'vault'
const LOGIN = /^auth\/[^/]+\/login/

export interface VaultResult {
  readonly limit: readonly RoundFigures[]
  readonly own: readonly RoundFigures[]
  /** Logins during all rounds of our own. */
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
  const bao = await startOpenBao(cluster.lab.workspace)
  await prepare(cluster, bao)
  const rounds = { limit: [] as RoundFigures[], own: [] as RoundFigures[], peer: [] as RoundFigures[] }
  const count = plan.requests
  let logins = 0
  for (let index = 0; index < plan.rounds; index += 1) {
    rounds.limit.push(await runRound(cluster, { name: `vault-limit-${index}`, count }))
    const before = await callsOf(bao, LOGIN)
    const program = await startBundle(cluster.lab.controlPlane, bundle)
    const own = { controllerPid: program.pid, issuer: NAME }
    rounds.own.push(await runRound(cluster, { name: `vault-own-${index}`, count, ...own }))
    await program.stop()
    logins += (await callsOf(bao, LOGIN)) - before
    rounds.peer.push(await peerRound(cluster, `vault-peer-${index}`, count))
    say(
      `Vault ${rounds.own.at(-1)?.certificatesPerSecond.toFixed(0)} certificates/s, cert-manager's own issuer ${rounds.peer.at(-1)?.certificatesPerSecond.toFixed(0)}`,
    )
  }
  return { ...rounds, logins, certificates: count * plan.rounds }
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
    ...{ name, count, issuer: NAME, kind: 'Issuer' },
    controllerPid: program.pid,
  })
  await program.stop()
  return round
}

/** A root, a role, and an issuer of ours and one of cert-manager's that log in alike. */
async function prepare({ lab, admin }: BenchCluster, bao: OpenBao): Promise<void> {
  const ca = await mountRoot(bao, { mount: 'pki', name: 'bench' })
  await bao.admin('POST', `${ca.mount}/roles/${NAME}`, {
    ...{ allow_any_name: true, enforce_hostnames: false, require_cn: false, key_type: 'any', max_ttl: '8760h' },
  })
  const rights = { ...rightsOn(ca), [`${ca.mount}/sign/${NAME}`]: ['update'] }
  const policies = [await writePolicy(bao, NAME, rights)]
  const fixture = { bao, controlPlane: lab.controlPlane, namespace: NAMESPACE, name: NAME, policies }
  const { auth } = await LOGINS.appRole(fixture)
  const spec = vaultSpec(bao, { mount: ca.mount, auth })
  await admin.apply(issuer({ namespace: NAMESPACE, name: NAME, spec }))
  await admin.apply(certManagerIssuer(bao, `${ca.mount}/sign/${NAME}`, auth))
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
    metadata: { namespace: NAMESPACE, name: NAME },
    spec: { vault: { server: address, path, caBundle, auth: { appRole: login } } },
  }
}
