import { join } from 'node:path'

/** One program built from a module: an ordinary command, or a test binary where the code is only reachable so. */
export interface GoBinary {
  readonly name: string
  readonly from: 'command' | 'test'
  readonly package: string
  /** Variables set by the linker, as `import/path.name=value`. */
  readonly variables?: readonly string[]
  /** Build tags. */
  readonly tags?: readonly string[]
}

/** A folder of a dependency that is copied beside the binaries. */
export interface ModuleFiles {
  readonly module: string
  readonly folder: string
  readonly pattern: RegExp
  readonly to: string
}

/** A pinned Go module and what is built from it. */
export interface GoModule {
  readonly name: string
  /** Absolute folder of its go.mod. */
  readonly folder: string
  readonly binaries: readonly GoBinary[]
  readonly files?: ModuleFiles
}

const GO = join(import.meta.dirname, 'go')
const VERSION = 'k8s.io/component-base/version'

export const CONTROL_PLANE: GoModule = {
  name: 'control-plane',
  folder: join(GO, 'control-plane'),
  binaries: [
    { name: 'etcd', from: 'command', package: 'go.etcd.io/etcd/server/v3' },
    {
      name: 'kube-apiserver',
      from: 'command',
      package: 'k8s.io/kubernetes/cmd/kube-apiserver',
      variables: [`${VERSION}.gitVersion=v1.36.2`, `${VERSION}.gitMajor=1`, `${VERSION}.gitMinor=36`],
    },
    {
      name: 'kubectl',
      from: 'command',
      package: 'k8s.io/kubernetes/cmd/kubectl',
      variables: [`${VERSION}.gitVersion=v1.36.2`, `${VERSION}.gitMajor=1`, `${VERSION}.gitMinor=36`],
    },
  ],
}

export const CERT_MANAGER: GoModule = {
  name: 'cert-manager',
  folder: join(GO, 'cert-manager'),
  binaries: [
    { name: 'cert-manager-controller', from: 'command', package: './controller' },
    { name: 'cert-manager-webhook', from: 'test', package: './webhook' },
  ],
  files: { module: 'github.com/cert-manager/cert-manager', folder: 'deploy/crds', pattern: /\.yaml$/, to: 'crds' },
}

export const ISTIO: GoModule = {
  name: 'istio',
  folder: join(GO, 'istio'),
  binaries: [{ name: 'pilot-discovery', from: 'command', package: 'istio.io/istio/pilot/cmd/pilot-discovery' }],
}

export const HELM: GoModule = {
  name: 'helm',
  folder: join(GO, 'helm'),
  binaries: [{ name: 'helm', from: 'command', package: 'helm.sh/helm/v4/cmd/helm' }],
}

export const PROMETHEUS: GoModule = {
  name: 'prometheus',
  folder: join(GO, 'prometheus'),
  binaries: [
    {
      name: 'promtool',
      from: 'command',
      package: 'github.com/prometheus/prometheus/cmd/promtool',
      // The clients of all clouds that Prometheus looks for targets in are most of what it is built from.
      tags: ['remove_all_sd'],
    },
  ],
}

export const LAB_MODULES: readonly GoModule[] = [CONTROL_PLANE, CERT_MANAGER, ISTIO, HELM, PROMETHEUS]
