import { z } from 'zod'
import { FINDINGS } from '../doctor/finding.ts'

const instant = z.iso.datetime({ offset: false })
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/)
const condition = z.enum(['True', 'False', 'Unknown'])

const certificate = z.strictObject({
  subject: z.string(),
  serialNumber: z.string().regex(/^[0-9a-f]+$/),
  fingerprint,
  notBefore: instant,
  notAfter: instant,
  key: z.string(),
  pathLength: z.int().min(0).nullable(),
})

const finding = z
  .strictObject({
    code: z.enum(Object.keys(FINDINGS)),
    severity: z.enum(['problem', 'warning']),
    where: z.string().min(1),
    what: z.string().min(1),
    remedy: z.string().min(1),
  })
  .refine(({ code, severity }) => Object.entries(FINDINGS).some(([one, own]) => one === code && own === severity))

const verdict = z
  .discriminatedUnion('accepted', [
    z.strictObject({ accepted: z.literal(true) }),
    z.strictObject({ accepted: z.literal(false), because: z.string() }),
  ])
  .nullable()

const doctor = z.strictObject({
  clusters: z.array(
    z.strictObject({
      cluster: z.string(),
      namespace: z.string(),
      authority: certificate.nullable(),
      root: certificate.nullable(),
      trusted: z.array(certificate),
      certificate: z.strictObject({ name: z.string(), ready: z.boolean(), renewalTime: instant.nullable() }).nullable(),
      issuers: z.strictObject({ total: z.int(), ready: z.int() }),
      findings: z.array(finding),
    }),
  ),
  fleet: z.strictObject({ findings: z.array(finding) }),
})

const status = z.strictObject({
  clusters: z.array(
    z.strictObject({
      cluster: z.string(),
      issuers: z.array(
        z.strictObject({
          kind: z.enum(['MeshCAIssuer', 'MeshCAClusterIssuer']),
          namespace: z.string().nullable(),
          name: z.string(),
          ready: condition,
          reason: z.string().nullable(),
          message: z.string().nullable(),
          backend: z.string().nullable(),
          authorityEnds: instant.nullable(),
          root: fingerprint.nullable(),
          bundle: fingerprint.nullable(),
        }),
      ),
      certificates: z.array(
        z.strictObject({
          namespace: z.string(),
          name: z.string(),
          issuer: z.strictObject({ kind: z.string(), name: z.string() }),
          secretName: z.string(),
          ready: z.boolean(),
          ends: instant.nullable(),
          renews: instant.nullable(),
        }),
      ),
      gaps: z.array(z.string()),
    }),
  ),
})

const check = z.strictObject({
  issuer: z.strictObject({ kind: z.string(), namespace: z.string().nullable(), name: z.string() }),
  backend: z.enum(['AWSPrivateCA', 'Vault', 'CA']),
  conditions: z.array(z.strictObject({ type: z.string(), status: condition, reason: z.string(), message: z.string() })),
  authority: certificate.nullable(),
  chain: z.array(certificate),
  root: certificate.nullable(),
  bundle: z.strictObject({ sha256: fingerprint, roots: z.array(certificate) }).nullable(),
  request: z.discriminatedUnion('outcome', [
    z.strictObject({
      namespace: z.string(),
      outcome: z.literal('sign'),
      isCA: z.boolean(),
      notBefore: instant,
      notAfter: instant,
      pathLength: z.int().nullable(),
      keyUsage: z.array(z.string()),
      constrained: z.boolean(),
      by: z.string(),
    }),
    z.strictObject({
      namespace: z.string(),
      outcome: z.enum(['wait', 'fail']),
      code: z.string(),
      message: z.string(),
    }),
  ]),
})

const verify = z.strictObject({
  source: z.string(),
  format: z.enum(['cert-manager', 'Istio', 'PEM']),
  certificate: certificate.nullable(),
  above: z.array(certificate),
  root: certificate.nullable(),
  trusted: z.array(certificate),
  verdicts: z.strictObject({
    start: verdict,
    workloadServer: verdict,
    workloadClient: verdict,
    istiodServer: verdict,
  }),
  findings: z.array(finding),
})

/** What `--output json` prints, by command. */
export const CLI_SHAPES = { doctor, status, check, verify } as const
