import type { Values } from './helm.ts'

/** What one value changes in what the chart makes. */
export interface Effect {
  readonly value: string
  readonly given: unknown
  readonly kind: string
  /** The way from the object to where it shows, a word for each member. */
  readonly at: string
  /** What is found there, or in the list there; what is given, where this is missing. */
  readonly shows?: unknown
  /** Without which it would show nothing. */
  readonly beside?: Values
}

const POD = 'spec template spec'
const CONTAINER = `${POD} containers 0`
const DIGEST = `sha256:${'0'.repeat(64)}`
const PEER = [{ namespaceSelector: {} }]
const RELABELING = [{ targetLabel: 'cluster', replacement: 'one' }]

function deployment(value: string, given: unknown, at: string, shows: unknown = given): Effect {
  return { value, given, kind: 'Deployment', at, shows }
}

/** A setting, and the argument that comes of it. */
function setting(name: string, given: unknown, argument: string): Effect {
  return deployment(`settings.${name}`, given, `${CONTAINER} args`, argument)
}

function probe(name: string): readonly Effect[] {
  return ['periodSeconds', 'timeoutSeconds', 'failureThreshold'].map((member) =>
    deployment(`${name}.${member}`, 9, `${CONTAINER} ${name} ${member}`),
  )
}

function monitor(kind: string, value: string, endpoint: string): readonly Effect[] {
  const rows: readonly (readonly [member: string, given: unknown, at: string])[] = [
    ['labels', { release: 'prometheus' }, 'metadata labels'],
    ['annotations', { note: 'n' }, 'metadata annotations'],
    ['interval', '15s', `spec ${endpoint} 0 interval`],
    ['scrapeTimeout', '5s', `spec ${endpoint} 0 scrapeTimeout`],
    ['relabelings', RELABELING, `spec ${endpoint} 0 relabelings`],
    ['metricRelabelings', RELABELING, `spec ${endpoint} 0 metricRelabelings`],
  ]
  const beside = { [`metrics.${value}.enabled`]: true }
  return rows.map(([member, given, at]) => ({ value: `metrics.${value}.${member}`, given, kind, at, beside }))
}

function inPolicy(value: string, given: unknown, at: string, shows: unknown, beside: Values = {}): Effect {
  return { value, given, kind: 'NetworkPolicy', at, shows, beside: { 'networkPolicy.enabled': true, ...beside } }
}

/** Every value that changes no kind of what is made; those that do stand in render-cases.ts. */
export const EFFECTS: readonly Effect[] = [
  deployment('nameOverride', 'other', 'metadata name', 'mesh-ca-issuer-other'),
  deployment('fullnameOverride', 'mesh', 'metadata name'),
  deployment('commonLabels', { team: 'mesh' }, 'metadata labels'),
  deployment('image.repository', 'a/b', `${CONTAINER} image`, 'a/b:0.1.0'),
  deployment('image.tag', 'v2', `${CONTAINER} image`, 'mesh-ca-issuer:v2'),
  deployment('image.digest', DIGEST, `${CONTAINER} image`, `mesh-ca-issuer@${DIGEST}`),
  deployment('image.pullPolicy', 'Always', `${CONTAINER} imagePullPolicy`),
  deployment('imagePullSecrets', [{ name: 'pull' }], `${POD} imagePullSecrets`),
  setting('leaderElection.leaseName', 'team-a', '--leader-election-lease-name=team-a'),
  {
    value: 'settings.leaderElection.leaseName',
    given: 'team-a',
    kind: 'Role mesh-ca-issuer-lease',
    at: 'rules 1 resourceNames',
    shows: ['team-a'],
  },
  setting('leaderElection.leaseDuration', '60s', '--leader-election-lease-duration=60s'),
  setting('leaderElection.renewDeadline', '12s', '--leader-election-renew-deadline=12s'),
  setting('leaderElection.retryPeriod', '3s', '--leader-election-retry-period=3s'),
  setting('clusterId', 'one', '--cluster-id=one'),
  setting('insecureEndpoints', true, '--insecure-endpoints=true'),
  setting('allowedEndpoints', ['a', 'b'], '--allowed-endpoints=a,b'),
  setting('issuerAmbientCredentials', true, '--issuer-ambient-credentials=true'),
  setting('skipNamespaces', ['a', 'b'], '--skip-namespaces=a,b'),
  setting('watchNamespaces', ['a', 'b'], '--watch-namespaces=a,b'),
  setting('clusterResourceNamespace', 'vault', '--cluster-resource-namespace=vault'),
  setting('workers', 4, '--workers=4'),
  setting('recheckInterval', '1m', '--recheck-interval=1m'),
  setting('logLevel', 'debug', '--log-level=debug'),
  deployment('extraArgs', ['--workers=2'], `${CONTAINER} args`, '--workers=2'),
  deployment('env', [{ name: 'A', value: 'b' }], `${CONTAINER} env`, { name: 'A', value: 'b' }),
  deployment('node.maxOldSpaceSizeMiB', 128, `${CONTAINER} command`, '--max-old-space-size=128'),
  deployment('node.maxSemiSpaceSizeMiB', 8, `${CONTAINER} command`, '--max-semi-space-size=8'),
  deployment('node.mallocArenas', 2, `${CONTAINER} env`, { name: 'MALLOC_ARENA_MAX', value: '2' }),
  deployment('node.permission.enabled', false, `${CONTAINER} command 4`, '/app/mesh-ca.cjs'),
  deployment('node.permission.readPaths', ['/etc/ca'], `${CONTAINER} command`, '--allow-fs-read=/etc/ca'),
  { value: 'crds.keep', given: false, kind: 'CustomResourceDefinition', at: 'metadata annotations', shows: undefined },
  deployment('serviceAccount.name', 'own', `${POD} serviceAccountName`),
  {
    value: 'extraObjects',
    given: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: '{{ .Release.Namespace }}', name: '{{ .Release.Name }}-own' },
        data: { a: 'b' },
      },
    ],
    kind: 'ConfigMap mesh-ca-issuer-own',
    at: 'data a',
    shows: 'b',
  },
  ...['labels', 'annotations'].map((member) => ({
    value: `serviceAccount.${member}`,
    given: { 'example.com/identity': 'mesh-ca' },
    kind: 'ServiceAccount',
    at: `metadata ${member}`,
  })),
  ...['name', 'namespace'].map((member) => ({
    value: `approver.serviceAccount.${member}`,
    given: 'platform',
    kind: 'ClusterRoleBinding mesh-ca-issuer-approver',
    at: `subjects 0 ${member}`,
  })),
  deployment('replicas', 3, 'spec replicas'),
  deployment('revisionHistoryLimit', 1, 'spec revisionHistoryLimit'),
  deployment('settings.leaderElect', false, 'spec strategy type', 'Recreate'),
  deployment('deploymentAnnotations', { note: 'n' }, 'metadata annotations'),
  deployment('podLabels', { pod: 'label' }, 'spec template metadata labels'),
  deployment('podAnnotations', { pod: 'annotation' }, 'spec template metadata annotations'),
  deployment('podSecurityContext', { fsGroup: 1 }, `${POD} securityContext fsGroup`, 1),
  deployment('securityContext', { runAsUser: 7 }, `${CONTAINER} securityContext runAsUser`, 7),
  deployment('resources', { limits: { cpu: '1' } }, `${CONTAINER} resources limits cpu`, '1'),
  ...probe('livenessProbe'),
  ...probe('readinessProbe'),
  deployment('terminationGracePeriodSeconds', 60, `${POD} terminationGracePeriodSeconds`),
  deployment('priorityClassName', 'system-cluster-critical', `${POD} priorityClassName`),
  deployment('nodeSelector', { zone: 'a' }, `${POD} nodeSelector`),
  deployment('tolerations', [{ operator: 'Exists' }], `${POD} tolerations`),
  deployment('affinity', { podAntiAffinity: {} }, `${POD} affinity`),
  deployment(
    'topologySpreadConstraints',
    [{ maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }],
    `${POD} topologySpreadConstraints 0 topologyKey`,
    'rack',
  ),
  deployment('volumes', [{ name: 'ca', configMap: { name: 'ca' } }], `${POD} volumes`),
  deployment('volumeMounts', [{ name: 'ca', mountPath: '/etc/ca' }], `${CONTAINER} volumeMounts`),
  deployment('dnsPolicy', 'Default', `${POD} dnsPolicy`),
  deployment('dnsConfig', { nameservers: ['10.0.0.10'] }, `${POD} dnsConfig`),
  deployment('hostAliases', [{ ip: '10.0.0.1', hostnames: ['vault'] }], `${POD} hostAliases`),
  ...[
    ['maxUnavailable', '50%'],
    ['unhealthyPodEvictionPolicy', 'IfHealthyBudget'],
  ].map(([member = '', given]) => ({
    value: `podDisruptionBudget.${member}`,
    given,
    kind: 'PodDisruptionBudget',
    at: `spec ${member}`,
  })),
  deployment('httpPort', 9090, `${CONTAINER} ports 0 containerPort`),
  deployment('status.enabled', false, `${CONTAINER} args`, '--status-addr='),
  deployment('status.port', 9091, `${CONTAINER} args`, '--status-addr=127.0.0.1:9091'),
  inPolicy('networkPolicy.metricsFrom', PEER, 'spec ingress 0 from', PEER),
  inPolicy('status.exposed.from', PEER, 'spec ingress 0 from', PEER, { 'status.exposed.enabled': true }),
  inPolicy('networkPolicy.dnsPorts', [5353], 'spec egress 0 ports', { port: 5353, protocol: 'UDP' }),
  inPolicy('networkPolicy.egressPorts', [80], 'spec egress 1 ports', { port: 80, protocol: 'TCP' }),
  inPolicy('networkPolicy.egress', [{ to: PEER }], 'spec egress', { to: PEER }),
  {
    value: 'metrics.service.annotations',
    given: { 'prometheus.io/scrape': 'true' },
    kind: 'Service',
    at: 'metadata annotations',
    beside: { 'metrics.service.enabled': true },
  },
  ...monitor('ServiceMonitor', 'serviceMonitor', 'endpoints'),
  ...monitor('PodMonitor', 'podMonitor', 'podMetricsEndpoints'),
  ...['labels', 'annotations'].map((member) => ({
    value: `metrics.dashboard.${member}`,
    given: { folder: 'mesh' },
    kind: 'ConfigMap',
    at: `metadata ${member}`,
    beside: { 'metrics.dashboard.enabled': true },
  })),
  {
    value: 'metrics.prometheusRule.labels',
    given: { release: 'prometheus' },
    kind: 'PrometheusRule',
    at: 'metadata labels',
    beside: { 'metrics.prometheusRule.enabled': true },
  },
]
