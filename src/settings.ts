import {
  address,
  type ElectionTimes,
  electionTimes,
  interval,
  type LogLevel,
  leaseName,
  level,
  list,
  namespace,
  namespaces,
  type OutboundProxy,
  optional,
  outboundProxy,
  SettingsError,
  truth,
  wholeNumber,
} from './settings-values.ts'

export { type LogLevel, SettingsError }

/** What the controller is told by flags and environment; made once, never changed. */
export interface Settings {
  readonly leaderElect: boolean
  readonly leaseName: string
  readonly leaderElection: ElectionTimes
  /** `host:port`; `:8080` means every address. */
  readonly httpAddr: string
  /** Where the status page is served; undefined: nowhere. */
  readonly statusAddr: string | undefined
  /** Where cluster issuers' references are read from, and where the Lease lies. */
  readonly clusterResourceNamespace: string
  /** The only ones whose requests and issuers are served; none: the whole cluster. */
  readonly watchNamespaces: readonly string[]
  /** Namespaces whose issuers another installation serves. */
  readonly skipNamespaces: readonly string[]
  /** Undefined: the UID of namespace kube-system. */
  readonly clusterId: string | undefined
  readonly insecureEndpoints: boolean
  /** Hosts. */
  readonly allowedEndpoints: readonly string[]
  readonly issuerAmbientCredentials: boolean
  readonly workers: number
  readonly recheckIntervalMs: number
  readonly logLevel: LogLevel
  /** Undefined: KUBECONFIG's default, else the in-cluster account. */
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** Where calls to PKIs leave through: HTTPS_PROXY, and the hosts in NO_PROXY, which are called straight all the same. */
  readonly proxy: OutboundProxy | undefined
}

/** One setting as a person meets it. */
export interface SettingOption {
  readonly name: string
  readonly placeholder: string | undefined
  readonly standard: string
  readonly help: string
}

/** Every setting: `--name` on the command line, `MESHCA_NAME` in the environment. */
export const SETTINGS: readonly SettingOption[] = [
  option('leader-elect', undefined, 'true', 'act only while holding the Lease'),
  option(
    'leader-election-lease-name',
    'name',
    'mesh-ca-issuer',
    'name of the Lease; installations that share a namespace need one each',
  ),
  option(
    'leader-election-lease-duration',
    'duration',
    '15s',
    'how long a leader that does not renew is waited for by the others',
  ),
  option('leader-election-renew-deadline', 'duration', '10s', 'how long a leader acts that cannot renew'),
  option('leader-election-retry-period', 'duration', '2s', 'how often the Lease is renewed, or tried to be taken'),
  option('http-addr', 'address', ':8080', 'where /livez, /readyz and /metrics are served'),
  option(
    'status-addr',
    'address',
    '127.0.0.1:8081',
    'where the status page is served, for tokens that may get /status unless it is a loopback address; empty: nowhere',
  ),
  option(
    'cluster-resource-namespace',
    'namespace',
    'mesh-ca-issuer',
    "where a MeshCAClusterIssuer's Secrets and ConfigMaps are read, and where the Lease lies",
  ),
  option(
    'watch-namespaces',
    'namespaces',
    '',
    'comma-separated namespaces whose requests and MeshCAIssuers are served, and nothing of the cluster scope (default: the whole cluster)',
  ),
  option(
    'skip-namespaces',
    'namespaces',
    '',
    'comma-separated namespaces whose MeshCAIssuers another installation serves',
  ),
  option('cluster-id', 'id', '', 'identity of this cluster towards a PKI (default: the UID of namespace kube-system)'),
  option('insecure-endpoints', undefined, 'false', 'allow http:// endpoints and servers; for labs only'),
  option(
    'allowed-endpoints',
    'hosts',
    '',
    'comma-separated hosts that a tenant may point an issuer at together with ambient credentials',
  ),
  option(
    'issuer-ambient-credentials',
    undefined,
    'false',
    "let namespaced issuers use the controller's own cloud credentials",
  ),
  option('workers', 'count', '16', 'requests of one tenant signed side by side, 1 to 256; of all, twice as many'),
  option(
    'recheck-interval',
    'duration',
    '30s',
    'how often each issuer and what it refers to is checked again, 1s to 24h',
  ),
  option('log-level', 'level', 'info', 'debug, info, warn or error'),
  option('context', 'name', '', 'context of the kubeconfig'),
]

export type Flags = Readonly<Record<string, string | boolean | undefined>>
export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'MESHCA_'

/**
 * Reads the settings: a flag wins over its variable, which wins over the standard.
 * @param flags by option name, such as `leader-elect`
 * @throws SettingsError
 */
export function readSettings(flags: Flags, environment: Environment = process.env): Settings {
  refuseUnknown(environment)
  const text = (name: string): string => textOf(name, flags, environment)
  if (text('watch-namespaces') !== '' && text('skip-namespaces') !== '')
    throw new SettingsError('--watch-namespaces and --skip-namespaces exclude one another')
  return Object.freeze({
    leaderElect: truth('leader-elect', text('leader-elect')),
    leaseName: leaseName('leader-election-lease-name', text('leader-election-lease-name')),
    leaderElection: Object.freeze(electionTimes(text)),
    httpAddr: address('http-addr', text('http-addr')),
    statusAddr: text('status-addr') === '' ? undefined : address('status-addr', text('status-addr')),
    clusterResourceNamespace: namespace('cluster-resource-namespace', text('cluster-resource-namespace')),
    watchNamespaces: Object.freeze(namespaces('watch-namespaces', text('watch-namespaces'))),
    skipNamespaces: Object.freeze(namespaces('skip-namespaces', text('skip-namespaces'))),
    clusterId: optional(text('cluster-id')),
    insecureEndpoints: truth('insecure-endpoints', text('insecure-endpoints')),
    allowedEndpoints: Object.freeze(list(text('allowed-endpoints'))),
    issuerAmbientCredentials: truth('issuer-ambient-credentials', text('issuer-ambient-credentials')),
    workers: wholeNumber('workers', text('workers'), { least: 1, most: 256 }),
    recheckIntervalMs: interval('recheck-interval', text('recheck-interval'), {
      least: '1s',
      most: '24h',
      such: '30s',
    }),
    logLevel: level(text('log-level')),
    kubeconfig: optional(environment.KUBECONFIG ?? ''),
    context: optional(text('context')),
    proxy: outboundProxy(
      environment.HTTPS_PROXY ?? environment.https_proxy ?? '',
      environment.NO_PROXY ?? environment.no_proxy ?? '',
    ),
  })
}

function option(name: string, placeholder: string | undefined, standard: string, help: string): SettingOption {
  return { name, placeholder, standard, help }
}

/** The variable of a setting: `MESHCA_LEADER_ELECT` for `leader-elect`. */
export function variableOf(name: string): string {
  return `${PREFIX}${name.toUpperCase().replaceAll('-', '_')}`
}

function refuseUnknown(environment: Environment): void {
  const known = new Set(SETTINGS.map(({ name }) => variableOf(name)))
  const unknown = Object.keys(environment).find((name) => name.startsWith(PREFIX) && !known.has(name))
  if (unknown !== undefined) throw new SettingsError(`the variable ${unknown} is not a setting; --help lists them`)
}

function textOf(name: string, flags: Flags, environment: Environment): string {
  const flag = flags[name]
  if (flag !== undefined) return String(flag)
  return environment[variableOf(name)] ?? SETTINGS.find((setting) => setting.name === name)?.standard ?? ''
}
