import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Certificate } from '../../../pki/certificate.ts'
import { encodeNameConstraints } from '../../../pki/name-constraints.ts'
import { testCsr } from '../../certificates.ts'
import { constraints, dns } from '../../names.ts'
import { refusal, serviceWorld } from './service-world.ts'
import { STAGE_CA, STAGE_ROOT } from './stage.ts'
import { TEMPLATES } from './templates.ts'
import { templateArn, testAuthority } from './world.ts'

// "AWS Private CA template definitions" and "AWS Private CA template order of operations" of the user guide.

const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'
const CODE = '1.3.6.1.5.5.7.3.3'
const OCSP = '1.3.6.1.5.5.7.3.9'
const TLS = ['digitalSignature', 'keyEncipherment']
const CA = ['digitalSignature', 'keyCertSign', 'cRLSign']
const LEAF = { cA: false }

/** Family, basic constraints, key usage, extended key usage. */
const DEFINITIONS: readonly (readonly [
  string,
  object,
  readonly string[] | undefined,
  readonly string[] | undefined,
])[] = [
  ['EndEntityCertificate', LEAF, TLS, [SERVER, CLIENT]],
  ['EndEntityClientAuthCertificate', LEAF, TLS, [CLIENT]],
  ['EndEntityServerAuthCertificate', LEAF, TLS, [SERVER]],
  ['CodeSigningCertificate', LEAF, ['digitalSignature'], [CODE]],
  ['OCSPSigningCertificate', LEAF, ['digitalSignature'], [OCSP]],
  ['BlankEndEntityCertificate', LEAF, undefined, undefined],
  ['BlankEndEntityCertificate_CriticalBasicConstraints', LEAF, undefined, undefined],
  ['SubordinateCACertificate_PathLen0', { cA: true, pathLength: 0 }, CA, undefined],
  ['SubordinateCACertificate_PathLen1', { cA: true, pathLength: 1 }, CA, undefined],
  ['SubordinateCACertificate_PathLen2', { cA: true, pathLength: 2 }, CA, undefined],
  ['SubordinateCACertificate_PathLen3', { cA: true, pathLength: 3 }, CA, undefined],
  ['BlankSubordinateCACertificate_PathLen0', { cA: true, pathLength: 0 }, undefined, undefined],
  ['BlankSubordinateCACertificate_PathLen1', { cA: true, pathLength: 1 }, undefined, undefined],
  ['BlankSubordinateCACertificate_PathLen2', { cA: true, pathLength: 2 }, undefined, undefined],
  ['BlankSubordinateCACertificate_PathLen3', { cA: true, pathLength: 3 }, undefined, undefined],
]
const PASSTHROUGH = ['_APIPassthrough', '_CSRPassthrough', '_APICSRPassthrough']

const world = serviceWorld({ authorities: [testAuthority(STAGE_ROOT)] })

function said({ basicConstraints, keyUsage, extKeyUsage }: Certificate): readonly unknown[] {
  return [basicConstraints, keyUsage, extKeyUsage]
}

describe('every template says what its definition says, whatever the variety', () => {
  for (const [family, ...definition] of DEFINITIONS) {
    const varieties = family.startsWith('Blank') ? PASSTHROUGH : ['', ...PASSTHROUGH]
    test(family, () => {
      for (const variety of varieties) {
        const certificate = world.issue({ template: `${family}${variety}/V1` })
        assert.deepEqual(said(certificate), definition, variety)
        assert.equal(certificate.subject.text, 'CN=istiod')
      }
    })
  }
})

test('there are no other templates than these and those of a root', () => {
  const named = DEFINITIONS.flatMap(([family]) =>
    (family.startsWith('Blank') ? PASSTHROUGH : ['', ...PASSTHROUGH]).map((variety) => `${family}${variety}/V1`),
  )
  const roots = ['RootCACertificate/V1', 'RootCACertificate_APIPassthrough/V1']
  assert.deepEqual([...TEMPLATES.keys()].sort(), [...named, ...roots].sort())
})

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64')
}

/** A request that wants more than a template gives: of each extension one that no template would write. */
const GREEDY = testCsr({
  subject: 'CN=greedy',
  names: [dns('csr.example')],
  isCA: true,
  keyUsage: ['keyAgreement'],
  extKeyUsage: [OCSP],
  nameConstraints: constraints({ dnsDomains: ['csr.example'] }),
  extensions: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }],
})
const API = {
  Subject: { CommonName: 'api' },
  Extensions: {
    KeyUsage: { KeyAgreement: true, DataEncipherment: true },
    ExtendedKeyUsage: [{ ExtendedKeyUsageType: 'TIME_STAMPING' }],
    SubjectAlternativeNames: [{ DnsName: 'api.example' }],
    CustomExtensions: [
      {
        ObjectIdentifier: '2.5.29.30',
        Value: base64(encodeNameConstraints(constraints({ dnsDomains: ['api.example'] }))),
        Critical: true,
      },
      { ObjectIdentifier: '2.5.29.19', Value: 'MAMBAf8=', Critical: true },
      { ObjectIdentifier: '1.2.3.5', Value: 'BQA=', Critical: true },
    ],
  },
}

/** Subject, SAN, key usage, extended key usage, name constraints, unknown critical extensions. */
const ORDER: readonly (readonly [string, readonly unknown[]])[] = [
  ['EndEntityCertificate/V1', ['greedy', 'csr', TLS, [SERVER, CLIENT], undefined, []]],
  ['EndEntityCertificate_APIPassthrough/V1', ['api', 'api', TLS, [SERVER, CLIENT], 'api', ['1.2.3.5']]],
  ['EndEntityCertificate_CSRPassthrough/V1', ['greedy', 'csr', TLS, [SERVER, CLIENT], 'csr', ['1.2.3.4']]],
  ['EndEntityCertificate_APICSRPassthrough/V1', ['api', 'api', TLS, [SERVER, CLIENT], 'api', ['1.2.3.4', '1.2.3.5']]],
  [
    'BlankEndEntityCertificate_APIPassthrough/V1',
    ['api', 'api', ['dataEncipherment', 'keyAgreement'], ['1.3.6.1.5.5.7.3.8'], 'api', ['1.2.3.5']],
  ],
  ['BlankEndEntityCertificate_CSRPassthrough/V1', ['greedy', 'csr', ['keyAgreement'], [OCSP], 'csr', ['1.2.3.4']]],
  ['SubordinateCACertificate_PathLen0/V1', ['greedy', 'csr', CA, undefined, undefined, []]],
  [
    'SubordinateCACertificate_PathLen0_APIPassthrough/V1',
    ['api', 'api', CA, ['1.3.6.1.5.5.7.3.8'], 'api', ['1.2.3.5']],
  ],
  ['SubordinateCACertificate_PathLen0_CSRPassthrough/V1', ['greedy', 'csr', CA, [OCSP], 'csr', ['1.2.3.4']]],
  [
    'BlankSubordinateCACertificate_PathLen0_APICSRPassthrough/V1',
    ['api', 'api', ['dataEncipherment', 'keyAgreement'], ['1.3.6.1.5.5.7.3.8'], 'api', ['1.2.3.4', '1.2.3.5']],
  ],
]

describe('the template comes before ApiPassthrough, and that before the CSR', () => {
  for (const [template, expected] of ORDER) {
    test(template, () => {
      const certificate = world.issue({ template, csrPem: GREEDY.csrPem, ApiPassthrough: API })
      const [name] = certificate.subjectAltName?.names ?? []
      const { keyUsage, extKeyUsage, nameConstraints, unknownCriticalExtensions, basicConstraints } = certificate
      assert.deepEqual(
        [
          certificate.subject.text.replace('CN=', ''),
          name?.type === 'dns' ? name.value.replace('.example', '') : undefined,
          keyUsage,
          extKeyUsage,
          nameConstraints?.permitted.dnsDomains[0]?.replace('.example', ''),
          [...unknownCriticalExtensions].sort(),
        ],
        expected,
      )
      assert.equal(basicConstraints?.cA, template.includes('CA'))
    })
  }
})

test('without an API variety and without ApiPassthrough a SAN is taken from the CSR alone', () => {
  const certificate = world.issue({ template: 'EndEntityCertificate_APIPassthrough/V1', csrPem: GREEDY.csrPem })
  assert.deepEqual(certificate.subjectAltName?.names, [dns('csr.example')])
})

test('EndEntityCertificate/V1 is the template where none is named', () => {
  assert.deepEqual(said(world.issue()), DEFINITIONS[0]?.slice(1))
})

test('a CRL distribution point comes from the configuration of the CA', () => {
  const withCrl = serviceWorld({
    authorities: [testAuthority(STAGE_CA, [STAGE_ROOT], { crlUrl: 'http://crl.example/1.crl' })],
  })
  const { der } = withCrl.issue({ template: 'SubordinateCACertificate_PathLen0/V1' })
  assert.ok(Buffer.from(der).includes('http://crl.example/1.crl'))
  assert.ok(!Buffer.from(world.issue().der).includes('crl.example'))
})

const REFUSED: readonly (readonly [string, object, string])[] = [
  [
    'a name that is no template',
    { template: 'ServerCertificate/V1' },
    'InvalidArgsException: The template ServerCertificate/V1 does not exist',
  ],
  [
    'a path length above 3',
    { template: 'SubordinateCACertificate_PathLen4/V1' },
    'InvalidArgsException: The template SubordinateCACertificate_PathLen4/V1 does not exist',
  ],
  [
    'the base of a blank template',
    { template: 'BlankEndEntityCertificate/V1' },
    'InvalidArgsException: The template BlankEndEntityCertificate/V1 does not exist',
  ],
  [
    'another partition',
    { TemplateArn: templateArn('EndEntityCertificate/V1', 'aws-cn') },
    'InvalidArnException: Invalid TemplateArn: arn:aws-cn:acm-pca:::template/EndEntityCertificate/V1',
  ],
  [
    'another key than that of the root',
    { template: 'RootCACertificate/V1' },
    "ValidationException: The template RootCACertificate/V1 is for the certificate authority's own CSR only",
  ],
]

for (const [title, change, expected] of REFUSED) {
  test(`refused: ${title}`, () => {
    assert.equal(
      refusal(() => world.issue({ ...change })),
      expected,
    )
  })
}

test('a root signs its own CSR while it waits for its certificate', () => {
  const pending = serviceWorld({ authorities: [testAuthority(STAGE_ROOT, [], { status: 'PENDING_CERTIFICATE' })] })
  const [authority] = pending.parts.authorities.all
  const certificate = pending.issue({ template: 'RootCACertificate/V1', csrPem: authority?.csrPem() })
  assert.deepEqual(said(certificate), [{ cA: true }, CA, undefined])
  assert.equal(certificate.issuer.text, certificate.subject.text)
})
