import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyAnswer } from '../../issuance/verify-answer.ts'
import { signBelow } from '../../testing/answers.ts'
import { testBackend } from '../../testing/backend-contract.ts'
import type { TestCertificate } from '../../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from '../../testing/certificates.ts'
import { TEST_SIGN } from '../../testing/decisions.ts'
import { testKeys } from '../../testing/keys.ts'
import { SigningError, type SigningRequest } from '../backend.ts'
import { openLocal } from './backend.ts'
import type { LocalConfig } from './config.ts'

const keys = testKeys()
const never = new AbortController().signal

function configOf(signer: TestCertificate, roots?: TestCertificate): LocalConfig {
  const own: LocalConfig = { kind: 'local', certificates: signer.certificatePem, privateKey: signer.privateKeyPem }
  return roots === undefined ? own : { ...own, roots: roots.certificatePem }
}

const ROOT = testCa({ subject: 'CN=Mesh Root' })
const SUB = testIntermediate(ROOT, { subject: 'CN=Mesh Sub', pathLength: 2 })

testBackend({ name: 'a root in a Secret', open: () => openLocal(configOf(ROOT)), repeats: true })
testBackend({ name: 'an intermediate in a Secret', open: () => openLocal(configOf(SUB, ROOT)), repeats: true })

for (const kind of ['RSA', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519'] as const) {
  test(`a root of kind ${kind} signs what can be proved`, async () => {
    const root = testCa({ subject: 'CN=Mesh Root', key: keys(kind, 'root') })
    const sign = signBelow([root])
    const answer = await openLocal(configOf(root)).sign(sign.request, never)
    assert.ok(answer.state === 'issued')
    assert.equal(verifyAnswer(sign, answer, TEST_NOW).ok, true)
  })
}

async function signed(change: Partial<SigningRequest>, backend = openLocal(configOf(ROOT))) {
  const answer = await backend.sign({ ...TEST_SIGN.request, ...change }, never)
  assert.ok(answer.state === 'issued')
  const [certificate] = answer.chain
  assert.ok(certificate)
  return { answer, certificate }
}

test('the answer holds the chain and the root', async () => {
  const { answer, certificate } = await signed({}, openLocal(configOf(SUB, ROOT)))
  assert.deepEqual(
    answer.chain.map(({ subject }) => subject.text),
    [certificate.subject.text, 'CN=Mesh Sub'],
  )
  assert.deepEqual(
    answer.roots.map(({ subject }) => subject.text),
    ['CN=Mesh Root'],
  )
})

test('times are those of the request, to the second', async () => {
  const { certificate } = await signed({})
  assert.equal(certificate.notBefore, TEST_SIGN.request.notBefore)
  assert.equal(certificate.notAfter, TEST_SIGN.request.notAfter)
})

test('a serial number is positive, of 16 octets, and follows from UID and content', async () => {
  const serials = await Promise.all(
    [{}, {}, { uid: 'x' }, { pathLength: 1 }, { notAfter: TEST_SIGN.request.notAfter + 1000 }].map(
      async (change) => (await signed(change)).certificate.serialNumber,
    ),
  )
  for (const serial of serials) assert.match(serial, /^[4-7][0-9a-f]{31}$/)
  assert.equal(serials[0], serials[1])
  assert.equal(new Set(serials).size, 4)
})

test('a serial number cannot be moved between UID and content', async () => {
  const twins = ['a', 'a\0'].map(async (uid) => (await signed({ uid })).certificate.serialNumber)
  const [one, other] = await Promise.all(twins)
  assert.notEqual(one, other)
})

test('a CA says neither more nor less than was asked', async () => {
  const { certificate } = await signed({})
  assert.deepEqual(certificate.basicConstraints, { cA: true, pathLength: 0 })
  assert.deepEqual(certificate.keyUsage, ['digitalSignature', 'keyCertSign', 'cRLSign'])
  assert.equal(certificate.extKeyUsage, undefined)
  assert.equal(certificate.nameConstraints, undefined)
  assert.deepEqual(certificate.authorityKeyIdentifier, ROOT.certificate.subjectKeyIdentifier)
  assert.deepEqual(certificate.unknownCriticalExtensions, [])
})

const REFUSALS: readonly {
  readonly name: string
  readonly signer: TestCertificate
  readonly change: Partial<SigningRequest>
  readonly code: string
  readonly message: string
}[] = [
  {
    name: 'a CA that ends first',
    signer: testCa({ subject: 'CN=Mesh Root', notAfter: TEST_SIGN.request.notAfter - 1000 }),
    change: {},
    code: 'authority-ends-first',
    message: 'the CA certificate ends before the requested certificate would; renew the CA',
  },
  {
    name: 'a CA without room below',
    signer: testCa({ subject: 'CN=Mesh Root', pathLength: 0 }),
    change: {},
    code: 'path-length-spent',
    message: "the CA's path length of 0 leaves no room for a CA of path length 0 below it",
  },
  {
    name: 'content that no certificate can hold',
    signer: ROOT,
    change: { notAfter: TEST_SIGN.request.notBefore - 1000 },
    code: 'content-invalid',
    message: 'no such certificate can be made: it would end before it begins',
  },
]

for (const { name, signer, change, code, message } of REFUSALS) {
  test(`refusal: ${name}`, async () => {
    await assert.rejects(openLocal(configOf(signer)).sign({ ...TEST_SIGN.request, ...change }, never), (error) => {
      assert.ok(error instanceof SigningError)
      assert.deepEqual([error.remedy, error.code, error.message], ['recheck-issuer', code, message])
      return true
    })
  })
}
