import { z } from 'zod'
import { CLUSTER_ISSUER_KIND, GROUP, ISSUER_KIND, type IssuerKind, PLURALS, VERSION } from '../../src/api/names.ts'
import { type Rule, rules } from '../../src/api/schema/rule.ts'
import { issuerSpec } from '../../src/api/schema/spec.ts'
import { CLUSTER_RULES, COMMON_RULES, NAMESPACED_RULES } from '../../src/api/schema/spec-rules.ts'
import { issuerStatus } from '../../src/api/schema/status.ts'
import { structuralSchema } from './structural.ts'

interface KindDefinition {
  readonly scope: 'Namespaced' | 'Cluster'
  readonly shortName: string
  readonly rules: readonly Rule[]
  readonly description: string
}

const KINDS: Readonly<Record<IssuerKind, KindDefinition>> = {
  [ISSUER_KIND]: {
    scope: 'Namespaced',
    shortName: 'mci',
    rules: NAMESPACED_RULES,
    description: 'MeshCAIssuer lets a PKI sign the CertificateRequests of its own namespace.',
  },
  [CLUSTER_ISSUER_KIND]: {
    scope: 'Cluster',
    shortName: 'mcci',
    rules: CLUSTER_RULES,
    description:
      'MeshCAClusterIssuer lets a PKI sign the CertificateRequests of the namespaces that it names, and Kubernetes CertificateSigningRequests.',
  },
}

/** What `kubectl get` shows. A date in the future would print as invalid, so the end of the authority is a string. */
const COLUMNS = [
  {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether requests are signed.',
  },
  { name: 'Backend', type: 'string', jsonPath: '.status.backend', description: 'The back end in use.' },
  {
    name: 'Authority ends',
    type: 'string',
    jsonPath: '.status.authority.notAfter',
    description: 'When the CA that signs expires.',
  },
  {
    name: 'Root',
    type: 'string',
    jsonPath: '.status.root',
    description: 'First 16 hex digits of the SHA-256 fingerprint of the root.',
  },
  {
    name: 'Reason',
    type: 'string',
    priority: 1,
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why, in one word.',
  },
  {
    name: 'Message',
    type: 'string',
    priority: 1,
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
    description: 'Why, in words.',
  },
  {
    name: 'Age',
    type: 'date',
    jsonPath: '.metadata.creationTimestamp',
    description: 'How long ago the issuer was made.',
  },
]

/** The CustomResourceDefinition of a kind, as it is applied. */
export function customResourceDefinition(kind: IssuerKind) {
  const { scope, shortName, description } = KINDS[kind]
  const [plural, singular] = [PLURALS[kind], kind.toLowerCase()]
  const names = {
    kind,
    listKind: `${kind}List`,
    plural,
    singular,
    shortNames: [shortName],
    categories: ['cert-manager'],
  }
  const version = {
    name: VERSION,
    served: true,
    storage: true,
    subresources: { status: {} },
    additionalPrinterColumns: COLUMNS,
    schema: { openAPIV3Schema: { ...structuralSchema(objectSchema(kind)), description } },
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: { group: GROUP, names, scope, versions: [version] },
  }
}

function objectSchema(kind: IssuerKind) {
  const spec = issuerSpec
    .meta(rules(...COMMON_RULES, ...KINDS[kind].rules))
    .describe('Which PKI signs, what it may be asked for, and by whom.')
  return z.object({
    apiVersion: z.string().exactOptional().describe(`Version of the API: ${GROUP}/${VERSION}.`),
    kind: z.string().exactOptional().describe(`Kind of the object: ${kind}.`),
    metadata: z.object({}).exactOptional(),
    spec,
    status: issuerStatus.exactOptional().describe('What the controller found out. Written by the controller only.'),
  })
}
