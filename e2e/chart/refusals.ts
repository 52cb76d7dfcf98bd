import type { Values } from './helm.ts'

/** Values that the chart refuses, and with which words. */
export const REFUSALS: readonly { readonly values: Values; readonly words: string }[] = [
  { values: { replica: 2 }, words: "additional properties 'replica' not allowed" },
  { values: { 'image.tagg': 'v1' }, words: "at '/image': additional properties 'tagg' not allowed" },
  { values: { 'settings.logLevel': 'loud' }, words: "at '/settings/logLevel': value must be one of 'debug'" },
  { values: { 'settings.workers': 300 }, words: "at '/settings/workers': maximum: got 300, want 256" },
  { values: { 'settings.workers': 'many' }, words: "at '/settings/workers': got string, want integer" },
  {
    values: { 'settings.recheckInterval': '30' },
    words: "at '/settings/recheckInterval': '30' does not match pattern",
  },
  {
    values: { 'settings.leaderElection.leaseDuration': '15' },
    words: "at '/settings/leaderElection/leaseDuration': '15' does not match pattern",
  },
  ...['', 'Mesh', 'a..b', 'a_b'].map((name) => ({
    values: { 'settings.leaderElection.leaseName': name },
    words: `at '/settings/leaderElection/leaseName': '${name}' does not match pattern`,
  })),
  {
    values: { 'settings.leaderElection.leaseName': 'a'.repeat(254) },
    words: "at '/settings/leaderElection/leaseName': maxLength: got 254, want 253",
  },
  { values: { 'settings.clusterResourceNamespace': 'Mesh' }, words: "'Mesh' does not match pattern" },
  {
    values: { 'settings.allowedEndpoints': ['a,b'] },
    words: "at '/settings/allowedEndpoints/0': 'a,b' does not match",
  },
  { values: { 'image.digest': 'sha256:0' }, words: "at '/image/digest': 'sha256:0' does not match pattern" },
  { values: { 'references.secrets': [{ namespace: 'a' }] }, words: "missing property 'names'" },
  { values: { serviceAccountTokens: [{ namespace: 'a', names: [] }] }, words: 'minItems: got 0, want 1' },
  { values: { 'node.permission.readPaths': ['etc'] }, words: "'etc' does not match pattern '^/'" },
  { values: { terminationGracePeriodSeconds: 1 }, words: 'minimum: got 1, want 15' },
  {
    values: { 'settings.watchNamespaces': ['A'] },
    words: "at '/settings/watchNamespaces/0': 'A' does not match pattern",
  },
  { values: { 'settings.watchNamespaces': ['a,b'] }, words: "'a,b' does not match pattern" },
  { values: { 'settings.watchNamespaces': ['a', 'a'] }, words: 'items at 0 and 1 are equal' },
  {
    values: { 'settings.watchNamespaces': ['a'], 'settings.skipNamespaces': ['b'] },
    words:
      'settings.watchNamespaces and settings.skipNamespaces exclude one another: list the namespaces to serve, or those to leave to others.',
  },
  {
    values: { 'settings.watchNamespaces': ['a'], 'references.everywhere': true },
    words:
      'settings.watchNamespaces narrows the controller to some namespaces and references.everywhere lets it read Secrets of all: set references.everywhere to false.',
  },
  ...[
    { 'references.namespaces': ['a', 'b'] },
    { 'references.secrets': [{ namespace: 'b', names: ['ca'] }] },
    { 'references.configMaps': [{ namespace: 'b', names: ['roots'] }] },
    { serviceAccountTokens: [{ namespace: 'b', names: ['vault'] }] },
  ].map((values) => ({
    values: { 'settings.watchNamespaces': ['a'], ...values },
    words: `${Object.keys(values)[0]} names the namespace b, which is not among settings.watchNamespaces, so no issuer of it is served: take it out there, or add it here.`,
  })),
  {
    values: { 'settings.skipNamespaces': ['a', 'b'], 'references.namespaces': ['c', 'b'] },
    words:
      'references.namespaces names the namespace b, which is among settings.skipNamespaces, so no issuer of it is served: take it out of one of them.',
  },
  {
    values: { 'status.enabled': false, 'status.exposed.enabled': true },
    words:
      'status.exposed.enabled is true and status.enabled is false, so there is no status page to expose: set both or neither.',
  },
  {
    values: { httpPort: 9000, 'status.port': 9000 },
    words: 'httpPort and status.port are both 9000, and two servers cannot have one port: change one of them.',
  },
  {
    values: { 'settings.leaderElect': false },
    words:
      'replicas is more than 1 and settings.leaderElect is false, so several controllers would sign at once: set replicas to 1 or leaderElect to true.',
  },
  {
    values: { 'metrics.serviceMonitor.enabled': true, 'metrics.podMonitor.enabled': true },
    words:
      'metrics.serviceMonitor and metrics.podMonitor are both enabled, so every pod would be scraped twice: enable one of them.',
  },
  {
    values: { 'serviceAccount.create': false },
    words:
      "serviceAccount.create is false without a serviceAccount.name, so every pod of the namespace would get the controller's rights: name a ServiceAccount.",
  },
]
