import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the lab takes from the environment; nothing else of it reaches a program that the lab starts. */
export interface LabEnvironment {
  /** Folder of built binaries, one sub-folder per content key. */
  readonly cacheFolder: string
  /** Folder with etcd, kube-apiserver and kubectl to use instead of building them (KUBEBUILDER_ASSETS). */
  readonly assets: string | undefined
  /** Parent of the folders of running labs. */
  readonly temporaryFolder: string
  /** Search path of started programs. */
  readonly path: string
  /** Keep folders and logs of stopped labs (MESH_CA_LAB_KEEP=1). */
  readonly keep: boolean
  /** Folder with what stories install and run in place of config/rbac and the sources: manifest.yaml, mesh-ca.cjs (MESH_CA_LAB_INSTALL). */
  readonly installation: string | undefined
  /** HashiCorp Vault's program, to run where the lab would run OpenBao (MESH_CA_LAB_VAULT). */
  readonly vault: string | undefined
  /** Environment of Go builds: the caller's own, since its proxies and caches are for builds, with fixed build modes. */
  readonly go: Readonly<Record<string, string | undefined>>
  /** Environment of Python, for the same reason the caller's own. */
  readonly python: Readonly<Record<string, string | undefined>>
}

/** Reads the environment: the only place of the lab that does. */
export function readEnvironment(): LabEnvironment {
  const env = process.env
  const cacheHome = env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return {
    cacheFolder: join(cacheHome, 'mesh-ca-issuer', 'lab'),
    assets: env.KUBEBUILDER_ASSETS || undefined,
    temporaryFolder: tmpdir(),
    path: env.PATH || '/usr/local/bin:/usr/bin:/bin',
    installation: env.MESH_CA_LAB_INSTALL || undefined,
    vault: env.MESH_CA_LAB_VAULT || undefined,
    keep: env.MESH_CA_LAB_KEEP === '1',
    go: { ...env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly', GOWORK: 'off' },
    python: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' },
  }
}
