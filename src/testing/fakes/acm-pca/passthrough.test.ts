import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testName } from '../../names.ts'
import { Input } from './input.ts'
import { readPassthrough } from './passthrough.ts'
import { serviceWorld } from './service-world.ts'

// ApiPassthrough, Extensions, GeneralName and ASN1Subject of the Private CA API reference.

const world = serviceWorld()

/** Issues with an API variety of a blank template, so that nothing covers what was passed. */
function issued(passthrough: object) {
  return world.issue({ template: 'BlankEndEntityCertificate_APIPassthrough/V1', ApiPassthrough: passthrough })
}

const SUBJECTS: readonly (readonly [string, object, string])[] = [
  ['one attribute', { CommonName: 'a' }, 'CN=a'],
  [
    'all, in the order of the model',
    {
      Locality: 'L',
      SerialNumber: '1',
      CommonName: 'a',
      State: 'ST',
      OrganizationalUnit: 'OU',
      Organization: 'O',
      Country: 'DE',
    },
    'L=L,serialNumber=1,CN=a,ST=ST,OU=OU,O=O,C=DE',
  ],
  [
    'custom attributes',
    {
      CustomAttributes: [
        { ObjectIdentifier: '2.5.4.3', Value: 'b' },
        { ObjectIdentifier: '0.9.2342.19200300.100.1.25', Value: 'example' },
      ],
    },
    'DC=example,CN=b',
  ],
]

describe('Subject takes the place of that in the CSR', () => {
  for (const [title, Subject, expected] of SUBJECTS) {
    test(title, () => {
      assert.equal(issued({ Subject }).subject.text, expected)
    })
  }
})

test('names of every form that is done here', () => {
  const names = [
    { DnsName: 'a.example' },
    { Rfc822Name: 'a@a.example' },
    { UniformResourceIdentifier: 'spiffe://a.example/b' },
    { IpAddress: '10.0.0.1' },
    { IpAddress: '2001:db8::1' },
    { DirectoryName: { CommonName: 'c' } },
    { RegisteredId: '1.2.3' },
    { OtherName: { TypeId: '1.2.3.4', Value: 'x' } },
  ]
  const { subjectAltName } = issued({ Extensions: { SubjectAlternativeNames: names } })
  assert.equal(subjectAltName?.critical, false)
  assert.deepEqual(
    subjectAltName.names.map((name) => [
      name.type,
      'value' in name ? name.value : 'oid' in name ? name.oid : name.name.text,
    ]),
    [
      ['dns', 'a.example'],
      ['email', 'a@a.example'],
      ['uri', 'spiffe://a.example/b'],
      ['ip', '10.0.0.1'],
      ['ip', '2001:db8::1'],
      ['directory', 'CN=c'],
      ['registeredID', '1.2.3'],
      ['other', '1.2.3.4'],
    ],
  )
})

test('usages, policies and custom extensions are written as they are given', () => {
  const { keyUsage, extKeyUsage, unknownCriticalExtensions, der } = issued({
    Extensions: {
      KeyUsage: { DigitalSignature: true, NonRepudiation: true, CRLSign: false },
      ExtendedKeyUsage: [{ ExtendedKeyUsageType: 'CLIENT_AUTH' }, { ExtendedKeyUsageObjectIdentifier: '1.2.3' }],
      CertificatePolicies: [
        {
          CertPolicyId: '1.2.4',
          PolicyQualifiers: [{ PolicyQualifierId: 'CPS', Qualifier: { CpsUri: 'http://cps.example' } }],
        },
      ],
      CustomExtensions: [
        { ObjectIdentifier: '1.2.5', Value: 'BQA=', Critical: true },
        { ObjectIdentifier: '1.2.6', Value: 'BQA=' },
      ],
    },
  })
  assert.deepEqual(
    [keyUsage, extKeyUsage, unknownCriticalExtensions],
    [['digitalSignature', 'contentCommitment'], ['1.3.6.1.5.5.7.3.2', '1.2.3'], ['1.2.5']],
  )
  assert.ok(Buffer.from(der).includes('http://cps.example'))
  assert.ok(Buffer.from(der).includes(Buffer.from('06022a06' + '04020500', 'hex')))
})

test('a key usage is critical', () => {
  const { extensions } = readPassthrough(new Input({ Extensions: { KeyUsage: { CRLSign: true } } }), testName('CN=csr'))
  assert.deepEqual(
    extensions.map(({ oid, critical }) => [oid, critical]),
    [['2.5.29.15', true]],
  )
})

test('a key usage with nothing set is no extension', () => {
  assert.equal(issued({ Extensions: { KeyUsage: { CRLSign: false } } }).keyUsage, undefined)
})

/** Subject of the CSR, Subject of ApiPassthrough, whether its names are critical. */
const CRITICAL: readonly (readonly [string, object | undefined, boolean])[] = [
  ['CN=csr', undefined, false],
  ['', undefined, true],
  ['', { CommonName: 'api' }, false],
  ['CN=csr', {}, true],
]

test('names are critical where there is no other subject', () => {
  for (const [subject, Subject, expected] of CRITICAL) {
    const Extensions = { SubjectAlternativeNames: [{ DnsName: 'a.example' }] }
    const input = new Input({ Extensions, ...(Subject && { Subject }) })
    assert.equal(readPassthrough(input, testName(subject)).extensions[0]?.critical, expected)
  }
})
