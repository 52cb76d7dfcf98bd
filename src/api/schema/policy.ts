import { z } from 'zod'
import { duration, isDuration, namespaceName } from './common.ts'
import { exactlyOne, type Rule, rules, text } from './rule.ts'

const SET = { 'x-kubernetes-list-type': 'set' }

function dnsName() {
  return text({
    pattern: '^[a-zA-Z0-9_]([-_a-zA-Z0-9]*[a-zA-Z0-9])?([.][a-zA-Z0-9_]([-_a-zA-Z0-9]*[a-zA-Z0-9])?)*$',
    maxLength: 253,
    message: 'write a DNS name, such as cluster.local',
  })
}

/** What the proofs of a MeshCA are made with. */
export const mesh = z.object({
  trustDomain: dnsName()
    .default('cluster.local')
    .describe("Trust domain of the mesh (Istio's meshConfig.trustDomain)."),
  namespace: namespaceName().default('istio-system').describe('Namespace that istiod runs in.'),
  revisions: z
    .array(
      text({
        pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
        maxLength: 56,
        message: "write the name of a revision: lower-case letters, digits and '-'",
      }).describe('Name of a revision.'),
    )
    .max(16)
    .meta(SET)
    .exactOptional()
    .describe(
      "Revisions of istiod beside 'default': a certificate for istiod-<revision>.<namespace>.svc must be possible too.",
    ),
  extraDNSNames: z
    .array(dnsName().describe('A DNS name.'))
    .max(32)
    .meta(SET)
    .exactOptional()
    .describe("Further DNS names of istiod's serving certificate."),
})

function comparison(shorter: string, longer: string, message: string): Rule {
  const [a, b] = [`self.${shorter}`, `self.${longer}`]
  const skip = `!has(${a}) || !has(${b}) || !(${isDuration(a)}) || !(${isDuration(b)})`
  return { rule: `${skip} || duration(${a}) <= duration(${b})`, message, fieldPath: `.${shorter}` }
}

/** How long certificates live. */
export const durations = z
  .object({
    default: duration().default('2160h').describe('Life of a certificate whose request does not name one.'),
    min: duration().exactOptional().describe('Shortest life that a request may ask for. No bound when left out.'),
    max: duration()
      .exactOptional()
      .describe('Longest life that a request may ask for. No bound but the life of the CA when left out.'),
  })
  .meta(
    rules(
      comparison('min', 'default', "'min' is longer than 'default': shorten 'min' or lengthen 'default'"),
      comparison(
        'default',
        'max',
        "'default' is longer than 'max' (2160h when left out): shorten 'default' or lengthen 'max'",
      ),
    ),
  )

function names(what: string, format: { readonly pattern: string; readonly message: string }) {
  return z
    .array(text({ ...format, maxLength: 253 }).describe(`One of the ${what}.`))
    .min(1)
    .max(64)
    .meta(SET)
    .exactOptional()
}

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const DOMAIN = { pattern: '^[.]?[a-zA-Z0-9_]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$' }

const subtrees = z
  .object({
    dnsDomains: names('DNS domains', {
      ...DOMAIN,
      message: "write a DNS domain, such as example.com, or '.example.com' for names below it",
    }).describe('DNS domains: the name itself and all names below it.'),
    uriDomains: names('URI domains', {
      ...DOMAIN,
      message: "write the host of a URI, such as cluster.local, or '.example.com' for hosts below it",
    }).describe(
      'Hosts of URIs. The trust domain of SPIFFE IDs is such a host; a domain with a dot in front stands for the hosts below it. Not for an ambient mesh: ztunnel refuses every workload below a CA with constraints of URIs.',
    ),
    ipRanges: names('IP ranges', {
      pattern: `^(${OCTET}([.]${OCTET}){3}/(3[0-2]|[12]?[0-9])|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$`,
      message: 'write an IP range in CIDR notation, such as 10.0.0.0/8 or fd00::/8',
    }).describe('IP ranges in CIDR notation.'),
    emailAddresses: names('e-mail addresses', {
      pattern: '^([^@ ]+@)?[.]?[a-zA-Z0-9_]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$',
      message: "write an e-mail address, a host such as example.com, or '.example.com' for hosts below it",
    }).describe('E-mail addresses, hosts, or domains with a dot in front.'),
  })
  .meta(
    rules({
      rule: 'has(self.dnsDomains) || has(self.uriDomains) || has(self.ipRanges) || has(self.emailAddresses)',
      message: "name at least one of 'dnsDomains', 'uriDomains', 'ipRanges' and 'emailAddresses'",
    }),
  )

/** RFC 5280, section 4.2.1.10, under the names that cert-manager uses. */
export const nameConstraints = z
  .object({
    critical: z.boolean().default(true).describe('Whether the extension is marked critical, as RFC 5280 asks.'),
    permitted: subtrees
      .exactOptional()
      .describe(
        "Names that may be certified below the CA. Subtrees are alternatives, so a request's must lie inside these.",
      ),
    excluded: subtrees
      .exactOptional()
      .describe('Names that must not be certified below the CA, beside those that a request excludes.'),
  })
  .meta(
    rules({
      rule: 'has(self.permitted) || has(self.excluded)',
      message: "set 'permitted', 'excluded' or both, or leave 'nameConstraints' out",
    }),
  )

/** Keys that may be certified. */
export const allowedKeys = z
  .array(z.enum(['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']).describe('A kind of key.'))
  .min(1)
  .max(5)
  .meta(SET)
  .default(['RSA', 'ECDSA-P256', 'ECDSA-P384'])

const matchExpression = z
  .object({
    key: z.string().min(1).max(317).describe('Key of the label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe("How the label's value and 'values' relate."),
    values: z
      .array(z.string().max(63).describe('A value.'))
      .max(64)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .exactOptional()
      .describe('Values to compare with: at least one for In and NotIn, none for Exists and DoesNotExist.'),
  })
  .meta(
    rules({
      rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
      message: "give 'values' with the operators In and NotIn, and leave it out with Exists and DoesNotExist",
    }),
  )

/** Which namespaces a cluster issuer serves. */
export const allowedNamespaces = z
  .object({
    names: z
      .array(namespaceName().describe('Name of a namespace.'))
      .min(1)
      .max(256)
      .meta(SET)
      .exactOptional()
      .describe('Namespaces by name.'),
    selector: z
      .object({
        matchLabels: z
          .record(z.string(), z.string().max(63).describe('Value that the label must have.'))
          .meta({ maxProperties: 64 })
          .exactOptional()
          .describe('Labels that a namespace must have.'),
        matchExpressions: z
          .array(matchExpression.describe('A condition on one label.'))
          .max(16)
          .meta({ 'x-kubernetes-list-type': 'atomic' })
          .exactOptional()
          .describe('Conditions on labels, all of which must hold.'),
      })
      .exactOptional()
      .describe('Namespaces by their labels; {} stands for every namespace.'),
  })
  .meta(
    rules({
      rule: exactlyOne('names', 'selector'),
      message: "set exactly one of 'names' and 'selector'; 'selector: {}' serves every namespace",
    }),
  )

/** Who may ask. */
export const allowedRequesters = z.array(z.string().min(1).max(512).describe('A user name.')).min(1).max(64).meta(SET)
