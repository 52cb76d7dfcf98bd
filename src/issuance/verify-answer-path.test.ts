import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Issued } from '../backends/backend.ts'
import { deepAnswer, issued, testAnswer } from '../testing/answers.ts'
import { TEST_ROOT } from '../testing/builders.ts'
import type { TestCertificateOptions } from '../testing/certificate-options.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { TEST_SIGN, testSign } from '../testing/decisions.ts'
import { constraints } from '../testing/names.ts'
import type { Sign } from './decide.ts'
import { verifyAnswer } from './verify-answer.ts'

const { notAfter } = TEST_SIGN.request

function flat(request: Partial<Sign['request']>, change: TestCertificateOptions = {}): readonly [Sign, Issued] {
  const sign = testSign(request)
  return [sign, issued(testAnswer(sign, TEST_ROOT, change))]
}

/** Proved for a mesh with these names. */
function forMesh(mesh: Partial<NonNullable<Sign['mesh']>>, request: Partial<Sign['request']>): readonly [Sign, Issued] {
  const [sign, answer] = flat(request)
  return [{ ...sign, mesh: sign.mesh && { ...sign.mesh, ...mesh } }, answer]
}

const WORKLOAD =
  'a workload certificate for spiffe://cluster.local/ns/istio-system/sa/default below it would be refused'
const ISTIOD = "istiod's own serving certificate below it would be refused"

const ROWS: readonly {
  readonly name: string
  readonly of: readonly [Sign, Issued]
  readonly code: string
  readonly message: string
}[] = [
  {
    name: 'row 10: the CA above has path length 0',
    of: deepAnswer({}, { pathLength: 0 }),
    code: 'path-length',
    message: `${WORKLOAD}: "CN=Mesh Sub" allows a path length of 0, and the number of CAs below it is 1`,
  },
  {
    name: 'row 11: the root has path length 1',
    of: deepAnswer({ pathLength: 1 }, {}),
    code: 'path-length',
    message: `${WORKLOAD}: "CN=Mesh Root" allows a path length of 1, and the number of CAs below it is 2`,
  },
  {
    name: 'row 16: the CA above is for code signing',
    of: deepAnswer({}, { extKeyUsage: ['1.3.6.1.5.5.7.3.3'] }),
    code: 'extended-key-usage',
    message: `${WORKLOAD}: "CN=Mesh Sub" is limited to extended key usages without 1.3.6.1.5.5.7.3.1`,
  },
  {
    name: 'the CA above may not sign certificates',
    of: deepAnswer({}, { keyUsage: ['cRLSign'] }),
    code: 'key-usage',
    message: '"CN=Mesh Sub" may not sign certificates (keyUsage lacks keyCertSign)',
  },
  {
    name: 'row 18: it is of tomorrow',
    of: flat({}, { notBefore: TEST_NOW + 1000, notAfter: notAfter + 61_000 }),
    code: 'not-yet-valid',
    message: '"CN=istiod-ca,O=Mesh" is valid only from 2026-11-23T12:00:01.000Z',
  },
  {
    name: 'row 22: names of istiod are not permitted',
    of: flat({ nameConstraints: constraints({ dnsDomains: ['example.org'] }) }),
    code: 'name-constraints',
    message: `${ISTIOD}: the name constraints of "CN=istiod-ca,O=Mesh" forbid it: DNS name "istiod.istio-system.svc" is outside the permitted "example.org"`,
  },
  {
    name: 'row 23: workloads of the trust domain are not permitted',
    of: flat({ nameConstraints: constraints({ uriDomains: ['other.domain'] }) }),
    code: 'name-constraints',
    message: `${WORKLOAD}: the name constraints of "CN=istiod-ca,O=Mesh" forbid it: URI "spiffe://cluster.local/ns/istio-system/sa/default" is outside the permitted "other.domain"`,
  },
  {
    name: 'the constraints of a CA above count too',
    of: deepAnswer({}, { nameConstraints: constraints({}, { uriDomains: ['cluster.local'] }) }),
    code: 'name-constraints',
    message: `${WORKLOAD}: the name constraints of "CN=Mesh Sub" forbid it: URI "spiffe://cluster.local/ns/istio-system/sa/default" is excluded by "cluster.local"`,
  },
  {
    name: 'a revision of istiod is forgotten',
    of: forMesh(
      { revisions: ['canary'] },
      { nameConstraints: constraints({}, { dnsDomains: ['istiod-canary.istio-system.svc'] }) },
    ),
    code: 'name-constraints',
    message: `${ISTIOD}: the name constraints of "CN=istiod-ca,O=Mesh" forbid it: DNS name "istiod-canary.istio-system.svc" is excluded by "istiod-canary.istio-system.svc"`,
  },
  {
    name: 'a further name of istiod is forgotten',
    of: forMesh({ extraDNSNames: ['istiod.example.com'] }, { nameConstraints: constraints({ dnsDomains: ['svc'] }) }),
    code: 'name-constraints',
    message: `${ISTIOD}: the name constraints of "CN=istiod-ca,O=Mesh" forbid it: DNS name "istiod.example.com" is outside the permitted "svc"`,
  },
  {
    name: 'another trust domain is permitted',
    of: forMesh({ trustDomain: 'td.example' }, { nameConstraints: constraints({ uriDomains: ['cluster.local'] }) }),
    code: 'name-constraints',
    message:
      'a workload certificate for spiffe://td.example/ns/istio-system/sa/default below it would be refused: the name constraints of "CN=istiod-ca,O=Mesh" forbid it: URI "spiffe://td.example/ns/istio-system/sa/default" is outside the permitted "cluster.local"',
  },
]

for (const { name, of, code, message } of ROWS) {
  test(`path of an answer: ${name}`, () => {
    assert.deepEqual(verifyAnswer(...of, TEST_NOW), {
      ok: false,
      code,
      message: `the PKI's answer was refused: ${message}`,
    })
  })
}

test('path of an answer: without a mesh no workload is thought of', () => {
  const [sign, answer] = flat({ nameConstraints: constraints({ uriDomains: ['other.domain'] }) })
  assert.equal(verifyAnswer({ ...sign, mesh: undefined }, answer, TEST_NOW).ok, true)
})

test('path of an answer: it holds for its instant only', () => {
  const answer = issued(testAnswer(TEST_SIGN))
  assert.equal(verifyAnswer(TEST_SIGN, answer, notAfter).ok, true)
  assert.deepEqual(verifyAnswer(TEST_SIGN, answer, notAfter + 1000), {
    ok: false,
    code: 'expired',
    message: 'the PKI\'s answer was refused: "CN=istiod-ca,O=Mesh" expired on 2026-12-23T11:59:00.000Z',
  })
})
