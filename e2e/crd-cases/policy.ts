import {
  ABOVE_MAXIMUM,
  CERTIFICATES,
  cluster,
  DURATION,
  FINGERPRINT,
  NO_CA,
  ONE_BACKEND,
  PATH,
  PEM,
  type RuleCase,
  row,
  SHA256,
  VAULT,
} from './case.ts'

const MAX_DURATION =
  "spec.duration.default: 'default' is longer than 'max' (2160h when left out): shorten 'default' or lengthen 'max'"
const ONE_SELECTION =
  "spec.allowedNamespaces: set exactly one of 'names' and 'selector'; 'selector: {}' serves every namespace"
const VALUES =
  "spec.allowedNamespaces.selector.matchExpressions[0]: give 'values' with the operators In and NotIn, and leave it out with Exists and DoesNotExist"
const ONE_ROOT_SOURCE = "spec.trust.additionalRoots[0]: set exactly one of 'pem', 'secretRef' and 'configMapRef'"

function constraints(permitted: object, refusal: string): RuleCase {
  return row({ nameConstraints: { permitted } }, `spec.nameConstraints.permitted${refusal}`)
}

function root(source: object, ...refusals: readonly string[]): RuleCase {
  return row({ trust: { additionalRoots: [source] } }, ...refusals)
}

const POLICY: readonly RuleCase[] = [
  row({ pathLength: 2, maxPathLength: 1 }, ABOVE_MAXIMUM),
  row({ mesh: { trustDomain: 'a b' } }, 'spec.mesh.trustDomain: write a DNS name, such as cluster.local'),
  row(
    { mesh: { namespace: 'istio.system' } },
    "spec.mesh.namespace: write the name of a namespace: lower-case letters, digits and '-', with a letter or digit at both ends",
  ),
  row(
    { mesh: { revisions: ['1.30'] } },
    "spec.mesh.revisions[0]: write the name of a revision: lower-case letters, digits and '-'",
  ),
  row({ duration: { default: '90d' } }, `spec.duration.default: ${DURATION}`),
  row({ duration: { default: '' } }, `spec.duration.default: ${DURATION}`),
  row({ duration: { default: '-1h' } }, `spec.duration.default: ${DURATION}`),
  row({ duration: { default: '99999999999999999999h' } }, `spec.duration.default: ${DURATION}`),
  row({ duration: { default: '0s' } }, 'spec.duration.default: write a duration longer than zero'),
  row(
    { duration: { min: '2161h' } },
    "spec.duration.min: 'min' is longer than 'default': shorten 'min' or lengthen 'default'",
  ),
  row({ duration: { max: '24h' } }, MAX_DURATION),
  row(
    { nameConstraints: {} },
    "spec.nameConstraints: set 'permitted', 'excluded' or both, or leave 'nameConstraints' out",
  ),
  constraints({}, ": name at least one of 'dnsDomains', 'uriDomains', 'ipRanges' and 'emailAddresses'"),
  constraints(
    { dnsDomains: ['*.example.com'] },
    ".dnsDomains[0]: write a DNS domain, such as example.com, or '.example.com' for names below it",
  ),
  constraints(
    { uriDomains: ['spiffe://cluster.local'] },
    ".uriDomains[0]: write the host of a URI, such as cluster.local, or '.example.com' for hosts below it",
  ),
  constraints(
    { ipRanges: ['10.0.0.0'] },
    '.ipRanges[0]: write an IP range in CIDR notation, such as 10.0.0.0/8 or fd00::/8',
  ),
  constraints(
    { ipRanges: ['10.0.0.256/8'] },
    '.ipRanges[0]: write an IP range in CIDR notation, such as 10.0.0.0/8 or fd00::/8',
  ),
  constraints(
    { emailAddresses: ['a@b@c'] },
    ".emailAddresses[0]: write an e-mail address, a host such as example.com, or '.example.com' for hosts below it",
  ),
  row(
    { profile: 'EndEntity', nameConstraints: { excluded: { dnsDomains: ['example.com'] } } },
    "spec.nameConstraints: name constraints belong in CAs: remove 'nameConstraints', or choose profile MeshCA or Any",
  ),
]

const SERVED: readonly RuleCase[] = [
  row(
    { allowedNamespaces: { names: ['team-a'] } },
    "spec.allowedNamespaces: a MeshCAIssuer serves its own namespace only: remove 'allowedNamespaces', or use a MeshCAClusterIssuer to serve others",
  ),
  cluster(
    { allowedNamespaces: undefined },
    "spec: say whom this issuer serves: set 'allowedNamespaces.names', or 'allowedNamespaces.selector' ({} for every namespace); only profile EndEntity may leave it out",
  ),
  cluster({ allowedNamespaces: {} }, ONE_SELECTION),
  cluster({ allowedNamespaces: { names: ['team-a'], selector: {} } }, ONE_SELECTION),
  cluster({ allowedNamespaces: { selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } }, VALUES),
  cluster(
    { allowedNamespaces: { selector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } } },
    VALUES,
  ),
  cluster(NO_CA, ONE_BACKEND),
]

const TRUST: readonly RuleCase[] = [
  root({}, ONE_ROOT_SOURCE),
  root({ pem: PEM, secretRef: { name: 'roots', sha256: [SHA256] } }, ONE_ROOT_SOURCE),
  root({ pem: 'root' }, `spec.trust.additionalRoots[0].pem: ${CERTIFICATES}`),
  root(
    { configMapRef: { name: 'roots', sha256: ['ab'] } },
    `spec.trust.additionalRoots[0].configMapRef.sha256[0]: ${FINGERPRINT}`,
  ),
  row({ trust: { minimumDwell: 'a day' } }, `spec.trust.minimumDwell: ${DURATION}`),
  row(
    { trust: { acceptUnsafeChange: 'yes' } },
    'spec.trust.acceptUnsafeChange: copy the 64 hex digits from the message of the TrustReady condition that refuses the change',
  ),
]

/** Several mistakes at once are told at once. */
const SEVERAL: readonly RuleCase[] = [
  row(
    { vault: { ...VAULT, mount: '/' }, pathLength: 2, maxPathLength: 1, duration: { default: '90d', max: '24h' } },
    ONE_BACKEND,
    `spec.duration.default: ${DURATION}`,
    ABOVE_MAXIMUM,
    `spec.vault.mount: ${PATH}`,
  ),
]

/** What the schema itself refuses: bounds and lists. */
export const BOUND_CASES: readonly RuleCase[] = [
  row({ profile: 'Leaf' }, 'spec.profile: Unsupported value: "Leaf": supported values: "MeshCA", "EndEntity", "Any"'),
  row({ pathLength: 256 }, 'spec.pathLength: spec.pathLength in body should be less than or equal to 255'),
  row({ allowedKeys: [] }, 'spec.allowedKeys: spec.allowedKeys in body should have at least 1 items'),
  row({ allowedKeys: ['RSA', 'RSA'] }, 'spec.allowedKeys[1]: Duplicate value: "RSA"'),
  row({ allowedRequesters: [] }, 'spec.allowedRequesters: spec.allowedRequesters in body should have at least 1 items'),
  root({ secretRef: { name: 'roots' } }, 'spec.trust.additionalRoots[0].secretRef.sha256: Required value'),
  row({ ca: { secretRef: {} } }, 'spec.ca.secretRef.name: Required value'),
  row(
    { ca: { secretRef: { name: 'a'.repeat(254) } } },
    'spec.ca.secretRef.name: Too long: may not be more than 253 bytes',
  ),
]

/** Rules of what is issued, to whom, and of the roots. */
export const POLICY_CASES: readonly RuleCase[] = [...POLICY, ...SERVED, ...TRUST, ...SEVERAL]
