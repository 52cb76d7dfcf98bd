import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EKU } from '../../pki/key-usage.ts'
import { CA, LEAF, NC, NC_EXTENSION } from '../../testing/aws-templates.ts'
import { testCsr } from '../../testing/certificates.ts'
import { constraints } from '../../testing/names.ts'
import { SigningError, type SigningRequest } from '../backend.ts'
import { CODE_SIGNING, OCSP_SIGNING } from './template-table.ts'
import { checkPin, chooseTemplate } from './templates.ts'

const MANY = Array.from({ length: 300 }, (_, index) => `team-${index}.example`)

interface Row {
  readonly name: string
  readonly request: SigningRequest
  readonly pin?: string
  readonly template: string
  readonly extensions?: object
}

const ROWS: readonly Row[] = [
  { name: 'a mesh CA', request: CA, template: 'SubordinateCACertificate_PathLen0/V1' },
  ...[1, 2, 3].map((pathLength) => ({
    name: `a CA of path length ${pathLength}`,
    request: { ...CA, pathLength },
    template: `SubordinateCACertificate_PathLen${pathLength}/V1`,
  })),
  {
    name: "cert-manager's usages where none are named",
    request: { ...CA, keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign'] },
    template: 'SubordinateCACertificate_PathLen0/V1',
  },
  {
    name: 'a CA with name constraints',
    request: { ...CA, nameConstraints: NC },
    template: 'SubordinateCACertificate_PathLen0_APIPassthrough/V1',
    extensions: { CustomExtensions: [NC_EXTENSION] },
  },
  {
    name: 'name constraints that are not critical',
    request: { ...CA, nameConstraints: { ...NC, critical: false } },
    template: 'SubordinateCACertificate_PathLen0_APIPassthrough/V1',
    extensions: { CustomExtensions: [{ ...NC_EXTENSION, Critical: false }] },
  },
  {
    name: 'a CA with extended key usages',
    request: { ...CA, extKeyUsage: [EKU.serverAuth, '1.3.6.1.5.5.7.3.5', EKU.serverAuth] },
    template: 'SubordinateCACertificate_PathLen0_APIPassthrough/V1',
    extensions: {
      ExtendedKeyUsage: [
        { ExtendedKeyUsageType: 'SERVER_AUTH' },
        { ExtendedKeyUsageObjectIdentifier: '1.3.6.1.5.5.7.3.5' },
      ],
    },
  },
  {
    name: "a CA with key usages beyond the template's",
    request: { ...CA, keyUsage: ['contentCommitment', 'keyCertSign', 'cRLSign'] },
    template: 'BlankSubordinateCACertificate_PathLen0_APIPassthrough/V1',
    extensions: { KeyUsage: { NonRepudiation: true, KeyCertSign: true, CRLSign: true } },
  },
  {
    name: 'client and server',
    request: { ...LEAF, extKeyUsage: [EKU.clientAuth, EKU.serverAuth] },
    template: 'EndEntityCertificate/V1',
  },
  {
    name: 'a server',
    request: { ...LEAF, extKeyUsage: [EKU.serverAuth] },
    template: 'EndEntityServerAuthCertificate/V1',
  },
  {
    name: 'a client',
    request: { ...LEAF, extKeyUsage: [EKU.clientAuth] },
    template: 'EndEntityClientAuthCertificate/V1',
  },
  {
    name: 'code signing',
    request: { ...LEAF, keyUsage: ['digitalSignature'], extKeyUsage: [CODE_SIGNING] },
    template: 'CodeSigningCertificate/V1',
  },
  {
    name: 'OCSP signing',
    request: { ...LEAF, keyUsage: ['digitalSignature'], extKeyUsage: [OCSP_SIGNING] },
    template: 'OCSPSigningCertificate/V1',
  },
  {
    name: 'a server without key encipherment',
    request: { ...LEAF, keyUsage: ['digitalSignature'], extKeyUsage: [EKU.serverAuth] },
    template: 'BlankEndEntityCertificate_APIPassthrough/V1',
    extensions: { KeyUsage: { DigitalSignature: true }, ExtendedKeyUsage: [{ ExtendedKeyUsageType: 'SERVER_AUTH' }] },
  },
  {
    name: 'no extended key usage',
    request: LEAF,
    template: 'BlankEndEntityCertificate_APIPassthrough/V1',
    extensions: { KeyUsage: { DigitalSignature: true, KeyEncipherment: true } },
  },
  {
    name: 'no usage at all',
    request: { ...LEAF, keyUsage: [] },
    template: 'BlankEndEntityCertificate_APIPassthrough/V1',
  },
  {
    name: 'a pin that fits',
    request: CA,
    pin: 'SubordinateCACertificate_PathLen0_APIPassthrough/V1',
    template: 'SubordinateCACertificate_PathLen0_APIPassthrough/V1',
  },
  {
    name: 'a pinned blank template',
    request: CA,
    pin: 'BlankSubordinateCACertificate_PathLen0_APIPassthrough/V1',
    template: 'BlankSubordinateCACertificate_PathLen0_APIPassthrough/V1',
    extensions: { KeyUsage: { DigitalSignature: true, KeyCertSign: true, CRLSign: true } },
  },
  {
    name: 'a pin that RAM can share',
    request: LEAF,
    pin: 'BlankEndEntityCertificate_APICSRPassthrough/V1',
    template: 'BlankEndEntityCertificate_APICSRPassthrough/V1',
    extensions: { KeyUsage: { DigitalSignature: true, KeyEncipherment: true } },
  },
  {
    name: 'usages that the CSR states, with a template that takes them from there',
    request: { ...LEAF, csr: testCsr({ keyUsage: ['digitalSignature', 'keyEncipherment'] }).csr },
    pin: 'BlankEndEntityCertificate_CSRPassthrough/V1',
    template: 'BlankEndEntityCertificate_CSRPassthrough/V1',
  },
]

for (const { name, request, pin, template, extensions } of ROWS) {
  test(`template: ${name}`, () => {
    const passthrough = extensions === undefined ? undefined : { Extensions: extensions }
    assert.deepEqual(chooseTemplate(request, pin), { template, passthrough })
  })
}

interface Refusal {
  readonly name: string
  readonly request: SigningRequest
  readonly pin?: string
  readonly code: string
  readonly remedy?: SigningError['remedy']
  readonly message: string
}

const UNFIT = (pin: string, reason: string): Pick<Refusal, 'pin' | 'code' | 'message'> => ({
  pin,
  code: 'template-unfit',
  message: `the issuer's templateName is ${pin}, ${reason}; leave awsPrivateCA.templateName out, or name a template that fits`,
})

const REFUSALS: readonly Refusal[] = [
  {
    name: 'a path length above 3',
    request: { ...CA, pathLength: 4 },
    code: 'path-length-unsupported',
    message:
      "AWS Private CA has templates for path lengths up to 3, and 4 is asked for; lower the issuer's pathLength or maxPathLength",
  },
  {
    name: 'an Ed25519 key',
    request: { ...CA, csr: testCsr({ key: 'Ed25519' }).csr },
    code: 'key-unsupported',
    remedy: 'give-up',
    message: 'AWS Private CA does not sign Ed25519 keys; use RSA or ECDSA',
  },
  {
    name: 'more name constraints than fit in a call',
    request: { ...CA, nameConstraints: constraints({ dnsDomains: MANY }) },
    code: 'name-constraints-too-large',
    message: 'AWS Private CA takes name constraints of up to 4096 characters of base64; name fewer subtrees',
  },
  {
    name: 'W-A5: a pinned CA template for what is to be no CA',
    request: LEAF,
    ...UNFIT('SubordinateCACertificate_PathLen0/V1', 'which makes a CA, and none is asked for'),
  },
  {
    name: 'a pinned end-entity template for a CA',
    request: CA,
    ...UNFIT('EndEntityCertificate/V1', 'which makes no CA'),
  },
  {
    name: 'a pin of another path length',
    request: CA,
    ...UNFIT('SubordinateCACertificate_PathLen1/V1', 'which gives path length 1, and 0 is asked for'),
  },
  {
    name: 'a pin that drops name constraints',
    request: { ...CA, nameConstraints: NC },
    ...UNFIT('SubordinateCACertificate_PathLen0/V1', 'which would drop the name constraints'),
  },
  {
    name: 'a pin with other extended key usages',
    request: { ...LEAF, extKeyUsage: [EKU.serverAuth] },
    ...UNFIT('EndEntityCertificate/V1', 'which gives other extended key usages than are asked for'),
  },
  {
    name: 'a pin with other key usages',
    request: { ...LEAF, extKeyUsage: [CODE_SIGNING] },
    ...UNFIT('CodeSigningCertificate/V1', 'which gives the key usages digitalSignature, and others are asked for'),
  },
  {
    name: 'a pin that would drop key usages',
    request: LEAF,
    ...UNFIT('BlankEndEntityCertificate_CSRPassthrough/V1', 'which would drop the key usages'),
  },
  {
    name: 'a pin that would drop extended key usages',
    request: {
      ...LEAF,
      extKeyUsage: [EKU.serverAuth],
      csr: testCsr({ keyUsage: ['digitalSignature', 'keyEncipherment'] }).csr,
    },
    ...UNFIT('BlankEndEntityCertificate_CSRPassthrough/V1', 'which would drop the extended key usages'),
  },
]

const NEVER_FIT: readonly Pick<Refusal, 'pin' | 'code' | 'message'>[] = [
  UNFIT('RootCACertificate/V1', 'which is no template that requests are signed with'),
  UNFIT('toString', 'which is no template that requests are signed with'),
  UNFIT(
    'SubordinateCACertificate_PathLen0_CSRPassthrough/V1',
    "which would let a CA's own request choose its extensions",
  ),
  UNFIT(
    'BlankSubordinateCACertificate_PathLen0_APICSRPassthrough/V1',
    "which would let a CA's own request choose its extensions",
  ),
]

function refusalOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    assert.ok(error instanceof SigningError)
    return [error.remedy, error.code, error.message]
  }
}

for (const { name, request, pin, remedy = 'recheck-issuer', code, message } of REFUSALS) {
  test(`template refused: ${name}`, () => {
    assert.deepEqual(
      refusalOf(() => chooseTemplate(request, pin)),
      [remedy, code, message],
    )
    assert.equal(
      refusalOf(() => checkPin(pin)),
      undefined,
    )
  })
}

for (const { pin, code, message } of NEVER_FIT) {
  test(`template refused before any request comes: ${pin}`, () => {
    const refusal = ['recheck-issuer', code, message]
    assert.deepEqual(
      refusalOf(() => checkPin(pin)),
      refusal,
    )
    assert.deepEqual(
      refusalOf(() => chooseTemplate(CA, pin)),
      refusal,
    )
  })
}
