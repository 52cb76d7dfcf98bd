import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isSignedBy } from '../../../pki/certificate.ts'
import { TEST_NOW, testCa, testCsr, testIntermediate } from '../../certificates.ts'
import { testKeys } from '../../keys.ts'
import { dns } from '../../names.ts'
import { refusal, serviceWorld } from './service-world.ts'
import { STAGE_CA, STAGE_ROOT } from './stage.ts'
import { testAuthority } from './world.ts'

// IssueCertificate of the API reference: Csr, SigningAlgorithm, TemplateArn; "Planning the structure of a CA hierarchy".

const keys = testKeys()
const RSA_ROOT = testCa({ subject: 'CN=RSA Root', key: keys('RSA', 'root') })
const P384_ROOT = testCa({ subject: 'CN=P-384 Root', key: 'ECDSA-P384' })

/** CA, signing algorithm, OID of the signature or the refusal. */
const ALGORITHMS = [
  [STAGE_ROOT, 'SHA256WITHECDSA', '1.2.840.10045.4.3.2'],
  [STAGE_ROOT, 'SHA384WITHECDSA', '1.2.840.10045.4.3.3'],
  [STAGE_ROOT, 'SHA512WITHECDSA', '1.2.840.10045.4.3.4'],
  [STAGE_ROOT, 'SHA256WITHRSA', undefined],
  [P384_ROOT, 'SHA256WITHECDSA', '1.2.840.10045.4.3.2'],
  [RSA_ROOT, 'SHA256WITHRSA', '1.2.840.113549.1.1.11'],
  [RSA_ROOT, 'SHA384WITHRSA', '1.2.840.113549.1.1.12'],
  [RSA_ROOT, 'SHA512WITHRSA', '1.2.840.113549.1.1.13'],
  [RSA_ROOT, 'SHA256WITHECDSA', undefined],
] as const

describe('the family of the signing algorithm is that of the key of the CA', () => {
  for (const [ca, SigningAlgorithm, oid] of ALGORITHMS) {
    test(`${ca.certificate.subject.text} ${SigningAlgorithm}`, () => {
      const world = serviceWorld({ authorities: [testAuthority(ca)] })
      const issue = () => world.issue({ SigningAlgorithm })
      if (oid === undefined) {
        assert.equal(
          refusal(issue),
          `InvalidArgsException: The signing algorithm ${SigningAlgorithm} does not match the key algorithm of the certificate authority`,
        )
      } else {
        const certificate = issue()
        assert.equal(certificate.signatureAlgorithm, oid)
        assert.ok(isSignedBy(certificate, ca.certificate))
      }
    })
  }
})

test('a CA of every kind tells its algorithms', () => {
  const describeOf = (ca: typeof RSA_ROOT) =>
    serviceWorld({ authorities: [testAuthority(ca)] }).parts.authorities.all[0]?.algorithms
  assert.deepEqual([RSA_ROOT, P384_ROOT, STAGE_CA].map(describeOf), [
    ['RSA_2048', 'SHA256WITHRSA'],
    ['EC_secp384r1', 'SHA384WITHECDSA'],
    ['EC_prime256v1', 'SHA256WITHECDSA'],
  ])
})

/** Path length of the CA, of the template, whether it is issued. */
const DEPTHS = [
  [null, 3, true],
  [0, 0, false],
  [1, 0, true],
  [1, 1, false],
  [2, 1, true],
  [2, 3, false],
] as const

describe('the path length of a template lies below that of the CA', () => {
  for (const [limit, pathLength, issued] of DEPTHS) {
    test(`${limit ?? 'none'}: ${pathLength}`, () => {
      const ca = testIntermediate(STAGE_ROOT, { pathLength: limit })
      const world = serviceWorld({ authorities: [testAuthority(ca, [STAGE_ROOT])] })
      const outcome = refusal(() => world.issue({ template: `SubordinateCACertificate_PathLen${pathLength}/V1` }))
      const refused = `ValidationException: The path length ${pathLength} of the template is not below the path length ${limit} of the certificate authority`
      assert.equal(outcome, issued ? 'ok' : refused)
    })
  }
})

test('a CA of path length 0 issues end-entity certificates', () => {
  const ca = testIntermediate(STAGE_ROOT)
  assert.equal(serviceWorld({ authorities: [testAuthority(ca, [STAGE_ROOT])] }).issue().basicConstraints?.cA, false)
})

const BROKEN = testCsr().csrPem.replace(/.(?=[^\n]{3}\n-----END)/, (one) => (one === 'A' ? 'B' : 'A'))

const CSRS: readonly (readonly [string, string, RegExp])[] = [
  ['P-256', testCsr().csrPem, /^ok$/],
  ['P-384', testCsr({ key: 'ECDSA-P384' }).csrPem, /^ok$/],
  ['P-521', testCsr({ key: 'ECDSA-P521' }).csrPem, /^ok$/],
  ['RSA 2048', testCsr({ key: keys('RSA', 'csr') }).csrPem, /^ok$/],
  ['RSA 1024', testCsr({ key: keys('RSA-1024', 'csr') }).csrPem, /RSA 1024 keys are not supported$/],
  ['Ed25519', testCsr({ key: 'Ed25519' }).csrPem, /Ed25519 keys are not supported$/],
  ['names alone', testCsr({ subject: '', names: [dns('a.example')] }).csrPem, /^ok$/],
  [
    'neither subject nor names',
    testCsr({ subject: '' }).csrPem,
    /it has neither a subject nor a subject alternative name$/,
  ],
  ['a signature that does not hold', BROKEN, /its signature does not match the ECDSA P-256 key$/],
  ['another PEM block', STAGE_CA.certificatePem, /holds a block that is not a CERTIFICATE REQUEST/],
  ['no PEM', 'csr', /it has text outside its blocks/],
]

describe('CSRs', () => {
  const world = serviceWorld()
  for (const [title, csrPem, expected] of CSRS) {
    test(title, () => {
      const outcome = refusal(() => world.issue({ csrPem }))
      assert.match(outcome, expected)
      if (outcome !== 'ok')
        assert.match(outcome, /^MalformedCSRException: The certificate signing request is invalid: /)
    })
  }
})

test('AWS China and GovCloud have templates of their own partition', () => {
  for (const [partition, region] of [
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
  ] as const) {
    const arn = `arn:${partition}:acm-pca:${region}:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555`
    const { parts, user } = serviceWorld({ authorities: [testAuthority(STAGE_CA, [STAGE_ROOT], { arn })] })
    const issue = (template: string) => {
      const input = {
        CertificateAuthorityArn: arn,
        TemplateArn: `arn:${template}:acm-pca:::template/EndEntityCertificate/V1`,
      }
      const rest = { Csr: Buffer.from(testCsr().csrPem).toString('base64'), SigningAlgorithm: 'SHA256WITHECDSA' }
      const whole = { ...input, ...rest, Validity: { Type: 'DAYS', Value: 1 } }
      return parts.service.call({ operation: 'IssueCertificate', input: whole, principal: user, region, now: TEST_NOW })
    }
    assert.match(String(issue(partition).output.CertificateArn), new RegExp(`^${arn}/certificate/`))
    assert.match(
      refusal(() => issue('aws')),
      /^InvalidArnException: /,
    )
  }
})

test('a CSR of more than 32768 octets is none', () => {
  const { csrPem } = testCsr({
    names: Array.from({ length: 1000 }, (_, index) => dns(`${index}.workload.mesh.example`)),
  })
  const outcome = refusal(() => serviceWorld().issue({ csrPem }))
  assert.match(
    outcome,
    /^ValidationException: .* at 'csr' failed to satisfy constraint: Member must have length less than or equal to 32768$/,
  )
})
