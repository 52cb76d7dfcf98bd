import type { Values } from './helm.ts'

/** Values, and the kinds that they add to (`+`) or take from (`-`) what the chart makes without any. */
export interface RenderCase {
  readonly values: Values
  readonly changes: readonly string[]
}

export const STANDARD_KINDS: readonly string[] = [
  'ClusterRole mesh-ca-issuer',
  'ClusterRole mesh-ca-issuer-approver',
  'ClusterRole mesh-ca-issuer-view',
  'ClusterRoleBinding mesh-ca-issuer',
  'ClusterRoleBinding mesh-ca-issuer-approver',
  'CustomResourceDefinition meshcaclusterissuers.meshca.dev',
  'CustomResourceDefinition meshcaissuers.meshca.dev',
  'Deployment mesh-ca-issuer/mesh-ca-issuer',
  'PodDisruptionBudget mesh-ca-issuer/mesh-ca-issuer',
  'Role mesh-ca-issuer/mesh-ca-issuer-lease',
  'Role mesh-ca-issuer/mesh-ca-issuer-references',
  'RoleBinding mesh-ca-issuer/mesh-ca-issuer-lease',
  'RoleBinding mesh-ca-issuer/mesh-ca-issuer-references',
  'ServiceAccount mesh-ca-issuer/mesh-ca-issuer',
]

/** What an installation for some namespaces has in place of rights in the whole cluster. */
function ofNamespaces(...namespaces: readonly string[]): readonly string[] {
  const everywhere = ['ClusterRole mesh-ca-issuer', 'ClusterRoleBinding mesh-ca-issuer', ...role(`${OURS}-references`)]
  return [...gone(...everywhere), ...added(...namespaces.flatMap((namespace) => role(`${namespace}/mesh-ca-issuer`)))]
}

const CLUSTER_ID = role('kube-system/mesh-ca-issuer-cluster-id')
const ROLES = STANDARD_KINDS.filter((name) => /^(Cluster)?Role/.test(name))
const OURS = 'mesh-ca-issuer/mesh-ca-issuer'

function role(name: string): readonly string[] {
  return [`Role ${name}`, `RoleBinding ${name}`]
}

function added(...names: readonly string[]): readonly string[] {
  return names.map((name) => `+${name}`)
}

function gone(...names: readonly string[]): readonly string[] {
  return names.map((name) => `-${name}`)
}

export const RENDER_CASES: readonly RenderCase[] = [
  { values: {}, changes: [] },
  { values: { 'crds.enabled': false }, changes: gone(...STANDARD_KINDS.filter((name) => name.startsWith('Custom'))) },
  { values: { 'rbac.create': false }, changes: gone(...ROLES) },
  { values: { 'serviceAccount.create': false, 'serviceAccount.name': 'own' }, changes: gone(`ServiceAccount ${OURS}`) },
  { values: { 'approver.enabled': false }, changes: gone(...ROLES.filter((name) => name.endsWith('-approver'))) },
  { values: { 'rbac.aggregateToView': false }, changes: gone('ClusterRole mesh-ca-issuer-view') },
  { values: { 'rbac.aggregateToEdit': true }, changes: added('ClusterRole mesh-ca-issuer-edit') },
  { values: { replicas: 1 }, changes: gone(`PodDisruptionBudget ${OURS}`) },
  { values: { replicas: 0 }, changes: gone(`PodDisruptionBudget ${OURS}`) },
  { values: { 'podDisruptionBudget.enabled': false }, changes: gone(`PodDisruptionBudget ${OURS}`) },
  {
    values: { replicas: 1, 'settings.leaderElect': false },
    changes: gone(`PodDisruptionBudget ${OURS}`, ...role(`${OURS}-lease`)),
  },
  {
    values: { 'settings.clusterResourceNamespace': 'vault' },
    changes: [
      ...gone(...role(`${OURS}-lease`), ...role(`${OURS}-references`)),
      ...added(...role('vault/mesh-ca-issuer-lease'), ...role('vault/mesh-ca-issuer-references')),
    ],
  },
  { values: { 'references.clusterResourceNamespace': false }, changes: gone(...role(`${OURS}-references`)) },
  {
    values: { 'references.namespaces': ['team', 'mesh-ca-issuer'] },
    changes: added(...role('team/mesh-ca-issuer-references')),
  },
  {
    values: {
      'references.secrets': [
        { namespace: 'team', names: ['ca'] },
        { namespace: 'mesh-ca-issuer', names: ['ca'] },
      ],
      'references.configMaps': [{ namespace: 'team', names: ['roots'] }],
    },
    changes: added(...role('team/mesh-ca-issuer-references')),
  },
  {
    values: { 'references.everywhere': true },
    changes: [
      ...gone(...role(`${OURS}-references`)),
      ...added('ClusterRole mesh-ca-issuer-references', 'ClusterRoleBinding mesh-ca-issuer-references'),
    ],
  },
  {
    values: { serviceAccountTokens: [{ namespace: 'team', names: ['aws', 'vault'] }] },
    changes: added(...role('team/mesh-ca-issuer-tokens')),
  },
  {
    values: { 'settings.watchNamespaces': ['a', 'b'] },
    changes: [
      ...ofNamespaces('a', 'b'),
      ...added(...CLUSTER_ID, ...['a', 'b'].flatMap((namespace) => role(`${namespace}/mesh-ca-issuer-references`))),
    ],
  },
  {
    values: { 'settings.watchNamespaces': ['mesh-ca-issuer', 'kube-system'], 'settings.clusterId': 'one' },
    changes: [
      ...ofNamespaces('mesh-ca-issuer', 'kube-system'),
      ...added(
        ...['mesh-ca-issuer', 'kube-system'].flatMap((namespace) => role(`${namespace}/mesh-ca-issuer-references`)),
      ),
    ],
  },
  {
    values: {
      'settings.watchNamespaces': ['a', 'b', 'c'],
      'references.watchedNamespaces': false,
      'references.namespaces': ['a'],
      'references.secrets': [{ namespace: 'b', names: ['ca'] }],
      serviceAccountTokens: [{ namespace: 'c', names: ['vault'] }],
    },
    changes: [
      ...ofNamespaces('a', 'b', 'c'),
      ...added(...CLUSTER_ID, ...role('a/mesh-ca-issuer-references'), ...role('b/mesh-ca-issuer-references')),
      ...added(...role('c/mesh-ca-issuer-tokens')),
    ],
  },
  // Nothing of the cluster scope: whoever administers these namespaces can install it.
  {
    values: {
      'settings.watchNamespaces': ['a'],
      'settings.clusterId': 'one',
      'crds.enabled': false,
      'approver.enabled': false,
      'rbac.aggregateToView': false,
    },
    changes: [
      ...ofNamespaces('a'),
      ...added(...role('a/mesh-ca-issuer-references')),
      ...gone(...STANDARD_KINDS.filter((name) => /^Custom|-(approver|view)$/.test(name))),
    ],
  },
  {
    values: { 'status.exposed.enabled': true },
    changes: added(
      `Service ${OURS}-status`,
      'ClusterRoleBinding mesh-ca-issuer-status-auth-delegator',
      'ClusterRole mesh-ca-issuer-status-reader',
    ),
  },
  { values: { 'networkPolicy.enabled': true }, changes: added(`NetworkPolicy ${OURS}`) },
  { values: { 'metrics.service.enabled': true }, changes: added(`Service ${OURS}-metrics`) },
  {
    values: { 'metrics.serviceMonitor.enabled': true },
    changes: added(`Service ${OURS}-metrics`, `ServiceMonitor ${OURS}`),
  },
  { values: { 'metrics.podMonitor.enabled': true }, changes: added(`PodMonitor ${OURS}`) },
  { values: { 'metrics.prometheusRule.enabled': true }, changes: added(`PrometheusRule ${OURS}`) },
  { values: { 'metrics.dashboard.enabled': true }, changes: added(`ConfigMap ${OURS}-dashboard`) },
  // What changes no kind, all at once.
  {
    values: {
      'crds.keep': false,
      commonLabels: { team: 'mesh' },
      imagePullSecrets: [{ name: 'pull' }],
      podLabels: { pod: 'label' },
      podAnnotations: { pod: 'annotation' },
      'podSecurityContext.runAsUser': null,
      priorityClassName: 'system-cluster-critical',
      tolerations: [{ operator: 'Exists' }],
      affinity: { podAntiAffinity: {} },
      nodeSelector: { zone: 'a' },
      dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
      env: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.crt' }],
      volumes: [{ name: 'ca', configMap: { name: 'ca' } }],
      volumeMounts: [{ name: 'ca', mountPath: '/etc/ca', readOnly: true }],
      'node.permission.enabled': false,
      'serviceAccount.annotations': { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/mesh-ca' },
      global: { anything: 1 },
      enabled: true,
    },
    changes: [],
  },
]
