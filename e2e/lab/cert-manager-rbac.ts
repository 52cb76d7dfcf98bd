import type { KubeObject } from './kube-objects.ts'

/** What cert-manager's chart grants its controllers and its webhook (templates/rbac.yaml and webhook-rbac.yaml). */

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

const NAMESPACE = 'cert-manager'
const READ = ['get', 'list', 'watch']
const CERT_MANAGER = ['cert-manager.io']
const EVENTS: Rule = { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] }
const SIGNERS = ['issuers.cert-manager.io/*', 'clusterissuers.cert-manager.io/*']

const CONTROLLER_RULES: Readonly<Record<string, readonly Rule[]>> = {
  'controller-issuers': [
    { apiGroups: CERT_MANAGER, resources: ['issuers', 'issuers/status'], verbs: ['update', 'patch'] },
    { apiGroups: CERT_MANAGER, resources: ['issuers'], verbs: READ },
    { apiGroups: [''], resources: ['secrets'], verbs: [...READ, 'create', 'update', 'delete'] },
    EVENTS,
  ],
  'controller-clusterissuers': [
    { apiGroups: CERT_MANAGER, resources: ['clusterissuers', 'clusterissuers/status'], verbs: ['update', 'patch'] },
    { apiGroups: CERT_MANAGER, resources: ['clusterissuers'], verbs: READ },
    EVENTS,
  ],
  'controller-certificates': [
    {
      apiGroups: CERT_MANAGER,
      resources: ['certificates', 'certificates/status', 'certificaterequests', 'certificaterequests/status'],
      verbs: ['update', 'patch'],
    },
    {
      apiGroups: CERT_MANAGER,
      resources: ['certificates', 'certificaterequests', 'clusterissuers', 'issuers'],
      verbs: READ,
    },
    {
      apiGroups: CERT_MANAGER,
      resources: ['certificates/finalizers', 'certificaterequests/finalizers'],
      verbs: ['update'],
    },
    { apiGroups: ['acme.cert-manager.io'], resources: ['orders'], verbs: [...READ, 'create', 'delete'] },
    { apiGroups: [''], resources: ['secrets'], verbs: [...READ, 'create', 'update', 'delete', 'patch'] },
    EVENTS,
  ],
  'controller-ingress-shim': [
    {
      apiGroups: CERT_MANAGER,
      resources: ['certificates', 'certificaterequests'],
      verbs: ['create', 'update', 'delete'],
    },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: READ },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses/finalizers'], verbs: ['update'] },
    EVENTS,
  ],
  'controller-approve:cert-manager-io': [
    { apiGroups: CERT_MANAGER, resources: ['signers'], verbs: ['approve'], resourceNames: SIGNERS },
  ],
  'controller-certificatesigningrequests': [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests'],
      verbs: [...READ, 'update'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests/status'],
      verbs: ['update', 'patch'],
    },
    { apiGroups: ['certificates.k8s.io'], resources: ['signers'], verbs: ['sign'], resourceNames: SIGNERS },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ],
}

const WEBHOOK_RULES: readonly Rule[] = [
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
]

/** Namespace, ServiceAccounts, roles and bindings of cert-manager. */
export function certManagerRbac(): readonly KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    serviceAccount('cert-manager'),
    serviceAccount('cert-manager-webhook'),
    ...Object.entries(CONTROLLER_RULES).flatMap(([name, rules]) =>
      granted({ name: `cert-manager-${name}`, rules, to: 'cert-manager' }),
    ),
    ...granted({
      name: 'cert-manager-webhook:subjectaccessreviews',
      rules: WEBHOOK_RULES,
      to: 'cert-manager-webhook',
    }),
  ]
}

interface Grant {
  readonly name: string
  readonly rules: readonly Rule[]
  readonly to: string
}

function granted({ name, rules, to }: Grant): readonly KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const role: KubeObject & { readonly rules: readonly Rule[] } = {
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name },
    rules,
  }
  const binding: KubeObject & { readonly roleRef: unknown; readonly subjects: unknown } = {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: to, namespace: NAMESPACE }],
  }
  return [role, binding]
}

function serviceAccount(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: NAMESPACE } }
}
