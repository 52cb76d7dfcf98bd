import { issuer } from '../harness/objects.ts'
import { issuerReference, issuerShows, type MeshIssuer } from './support-issuers.ts'
import { createToken, type Rights, vaultSpec, writePolicy } from './support-vault.ts'
import { putSecret } from './support-vault-login.ts'
import { openVaultScene, type VaultScene } from './support-vault-scene.ts'

/** Namespace of the issuers and of what they sign. */
export const TEAM = 'team'
/** Name of the policy, and of the Secret with the token. */
const MESH_CA = 'mesh-ca'

export interface IssuerParts {
  /** Over the server, its roots and a token. */
  readonly vault?: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
}

/** A scene whose issuers log in with one token. */
export interface VaultTeam extends VaultScene {
  /** Gives the token these rights beside those that it has. */
  readonly allow: (rights: Rights) => Promise<void>
  readonly applyIssuer: (name: string, parts: IssuerParts) => Promise<unknown>
  /** An issuer that is Ready. */
  readonly applyReady: (name: string, parts?: IssuerParts) => Promise<MeshIssuer>
  /** Gives the issuers another token, and tells it. */
  readonly changeToken: () => Promise<string>
}

export async function openVaultTeam(name: string, args: readonly string[] = []): Promise<VaultTeam> {
  const scene = await openVaultScene({ name, namespaces: [TEAM], controller: { args } })
  const { bao, kube } = scene
  const changeToken = async (): Promise<string> => {
    const token = await createToken(bao, MESH_CA)
    await putSecret(kube, { namespace: TEAM, name: MESH_CA }, { token })
    return token
  }
  await changeToken()
  let allowed: Rights = {}
  const auth = { token: { secretRef: { name: MESH_CA } } }
  const applyIssuer: VaultTeam['applyIssuer'] = (issuerName, { vault = {}, spec = {} }) =>
    kube.apply(issuer({ namespace: TEAM, name: issuerName, spec: { ...vaultSpec(bao, { auth, ...vault }), ...spec } }))
  return {
    ...scene,
    changeToken,
    allow: async (rights) => {
      allowed = { ...allowed, ...rights }
      await writePolicy(bao, MESH_CA, allowed)
    },
    applyIssuer,
    applyReady: async (issuerName, parts = {}) => {
      await applyIssuer(issuerName, parts)
      return issuerShows(kube, issuerReference(TEAM, issuerName), 'Ready', 'True')
    },
  }
}
