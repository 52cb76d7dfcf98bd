import { z } from 'zod'
import { certificatesPem, dataKey, durationOrZero, fingerprint, objectName } from './common.ts'
import { exactlyOne, rules, text } from './rule.ts'

const pinned = (kind: string) =>
  z.object({
    name: objectName().describe(
      `Name of the ${kind} in the issuer's namespace (for a MeshCAClusterIssuer: in the controller's cluster resource namespace).`,
    ),
    key: dataKey().default('ca.crt').describe(`Key of the ${kind} that holds the roots as PEM.`),
    sha256: z
      .array(fingerprint().describe('SHA-256 fingerprint of one root, 64 lower-case hex digits.'))
      .min(1)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe(
        'SHA-256 fingerprints of exactly the roots that are expected there. A root that is missing, extra or changed makes the issuer not ready.',
      ),
  })

const additionalRoot = z
  .object({
    pem: certificatesPem().exactOptional().describe('Roots as PEM, written here.'),
    secretRef: pinned('Secret').exactOptional().describe('Roots kept in a Secret.'),
    configMapRef: pinned('ConfigMap').exactOptional().describe('Roots kept in a ConfigMap.'),
  })
  .meta(
    rules({
      rule: exactlyOne('pem', 'secretRef', 'configMapRef'),
      message: "set exactly one of 'pem', 'secretRef' and 'configMapRef'",
    }),
  )

/** What is published as ca.crt, and how it may change. */
export const trust = z.object({
  additionalRoots: z
    .array(additionalRoot.describe('One source of roots.'))
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .exactOptional()
    .describe(
      'Roots to publish in ca.crt beside the one that the CA chains to: self-signed CAs in date, no two with the same name. The active root may be among them.',
    ),
  minimumDwell: durationOrZero()
    .default('25h')
    .describe(
      'How long a change of roots must stand, once every Certificate carries it, before the next is let through. Longer than the life of a workload certificate (24h), so that each workload has seen it; 0s switches the wait off.',
    ),
  acceptUnsafeChange: text({
    pattern: '^[0-9a-f]{64}$',
    maxLength: 128,
    message: 'copy the 64 hex digits from the message of the TrustReady condition that refuses the change',
  })
    .exactOptional()
    .describe(
      'Digest of one refused change of roots, as the TrustReady condition shows it. Lets that change through and no other.',
    ),
})
