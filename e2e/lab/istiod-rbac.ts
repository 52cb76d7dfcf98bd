import type { KubeObject } from './kube-objects.ts'

const READ = ['get', 'list', 'watch']
const METADATA = { name: 'istiod', namespace: 'istio-system' }

/** What Istio's chart grants istiod, without the rights of features that the lab does not run. */
const RULES = [
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    verbs: [...READ, 'update', 'patch'],
  },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: READ },
  { apiGroups: [''], resources: ['pods', 'nodes', 'services', 'namespaces', 'endpoints', 'secrets'], verbs: READ },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: READ },
  { apiGroups: [''], resources: ['configmaps'], verbs: [...READ, 'create', 'update'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  {
    apiGroups: ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
    resources: ['*'],
    verbs: READ,
  },
  { apiGroups: ['gateway.networking.k8s.io', 'gateway.networking.x-k8s.io'], resources: ['*'], verbs: READ },
]

const NAMESPACE_RULES = [
  { apiGroups: [''], resources: ['secrets'], verbs: [...READ, 'create', 'update', 'delete'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['delete'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'update', 'patch', 'create'] },
]

/** Namespace istio-system, ServiceAccount istiod, and its rights. */
export function istiodRbac(): readonly KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const subjects = [{ kind: 'ServiceAccount', ...METADATA }]
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: METADATA.namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: METADATA },
    { apiVersion, kind: 'ClusterRole', metadata: { name: 'istiod' }, rules: RULES },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'istiod' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'istiod' },
      subjects,
    },
    { apiVersion, kind: 'Role', metadata: METADATA, rules: NAMESPACE_RULES },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: METADATA,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'istiod' },
      subjects,
    },
  ]
  return objects
}
