import { z } from 'zod'
import { raw, rules, text } from './rule.ts'

/**
 * The durations that the schema takes: a subset of Go's (hours, minutes and seconds in this order) whose sum cannot
 * overflow CEL's `duration()`, so that no rule can end in an evaluation error.
 */
const DURATION = '^([0-9]{1,6}([.][0-9]{1,9})?h)?([0-9]{1,7}([.][0-9]{1,9})?m)?([0-9]{1,9}([.][0-9]{1,9})?s)?$'

/** CEL: the string at `path` is a duration of the schema. Rules that compare durations are guarded with it. */
export function isDuration(path: string): string {
  return `${path} != '' && ${path}.matches(${raw(DURATION)})`
}

const DURATION_RULE = {
  rule: isDuration('self'),
  message: 'write a duration in hours, minutes and seconds, such as 2160h, 90m or 1h30m0s',
}

/** A duration that may be zero. */
export function durationOrZero() {
  return z.string().max(48).meta(rules(DURATION_RULE))
}

/** A duration above zero. */
export function duration() {
  const positive = {
    rule: `!(${isDuration('self')}) || duration(self) > duration('0s')`,
    message: 'write a duration longer than zero',
  }
  return z.string().max(48).meta(rules(DURATION_RULE, positive))
}

/** The name of a Kubernetes object. */
export function objectName() {
  return text({
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
    maxLength: 253,
    message:
      "write the name of an object: lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
  })
}

/** The name of a Kubernetes namespace, which is a DNS label. */
export function namespaceName() {
  return text({
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    maxLength: 63,
    message: "write the name of a namespace: lower-case letters, digits and '-', with a letter or digit at both ends",
  })
}

/** A key of a Secret or ConfigMap. */
export function dataKey() {
  return text({
    pattern: '^[-._a-zA-Z0-9]+$',
    maxLength: 253,
    message: "write a key of the object's data: letters, digits, '-', '_' and '.'",
  })
}

/** A SHA-256 fingerprint of a certificate, in the one spelling that is compared. */
export function fingerprint() {
  return text({
    pattern: '^[0-9a-f]{64}$',
    maxLength: 128,
    message:
      'write the SHA-256 fingerprint as 64 lower-case hex digits without colons; this prints it: ' +
      'openssl x509 -in root.pem -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f',
  })
}

/** PEM of one or more certificates; what is in it is read by the controller. */
export function certificatesPem() {
  return z
    .string()
    .max(65_536)
    .meta(
      rules({
        rule: "self.startsWith('-----BEGIN CERTIFICATE-----')",
        message: "write certificates as PEM, beginning with '-----BEGIN CERTIFICATE-----', and nothing else",
      }),
    )
}

/** An address of a service; whether http is taken is the controller's decision (`--insecure-endpoints`). */
export function address() {
  return text({
    pattern: '^https?://([-._a-zA-Z0-9]+|[[][0-9a-fA-F:.]+[]])(:[0-9]{1,5})?(/[-._~%a-zA-Z0-9]+)*/?$',
    maxLength: 2048,
    message: 'write an address such as https://vault.example.com:8200, without user name, query or fragment',
  })
}

/** A ServiceAccount whose tokens are requested for the back end. */
export const serviceAccountName = objectName().describe(
  "Name of the ServiceAccount. The controller may request its tokens only where a Role grants it 'create' on " +
    "'serviceaccounts/token' for this one name.",
)

/** Secret of the issuer's namespace, read as a whole. */
export function secretReference(contents: string) {
  return z.object({
    name: objectName().describe(
      `Name of the Secret in the issuer's namespace (for a MeshCAClusterIssuer: in the controller's cluster resource namespace). ${contents}`,
    ),
  })
}
