import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testAnswer } from '../../testing/answers.ts'
import type { TestCertificateOptions } from '../../testing/certificate-options.ts'
import { testIntermediate } from '../../testing/certificates.ts'
import { TEST_SIGN } from '../../testing/decisions.ts'
import { VAULT_CONFIG, VAULT_KNOWN } from '../../testing/vault-knowledge.ts'
import { VAULT_CA, VAULT_ROOT } from '../../testing/vault-stage.ts'
import { type ReadContext, readSigned } from './answer.ts'
import { envelope } from './client.ts'

const { request } = TEST_SIGN
const LIFE = request.notAfter - request.notBefore
const CONTEXT: ReadContext = { request, ttlMs: LIFE - 60_000, config: VAULT_CONFIG, known: VAULT_KNOWN }
const SERIAL = Uint8Array.of(0x7f, 1, 2)
const OTHER_CA = testIntermediate(VAULT_ROOT, {
  subject: 'CN=Vault CA,O=Mesh',
  key: 'ECDSA-P384',
  notAfter: VAULT_CA.certificate.notAfter,
})

interface Answered {
  readonly data?: object
  readonly warnings?: readonly string[]
}

function minted(change: TestCertificateOptions = {}, signer = VAULT_CA): string {
  return testAnswer(TEST_SIGN, signer, { serialNumber: SERIAL, ...change }).certificatePem
}

function answerOf({ data = {}, warnings = [] }: Answered) {
  const good = { certificate: minted(), issuing_ca: VAULT_CA.certificatePem, ca_chain: [], serial_number: '7f:01:02' }
  return envelope({ data: { ...good, ...data }, warnings })
}

const SHORTENED = 'TTL "720h0m0s" is longer than permitted maxTTL "100h0m0s", so maxTTL is being used'
const TRUNCATED = "the signed intermediary CA certificate's notAfter was truncated to the issuer's notAfter"
const short = { certificate: minted({ notAfter: request.notBefore + 360_060_000 }) }

type Expected = readonly [remedy: string, code: string, part?: string | undefined, rest?: object]
const PEM_LOST = { minted: { serial: '7f:01:02', pem: undefined } }

const REFUSED: Readonly<Record<string, readonly [Answered, Expected]>> = {
  'no certificate': [{ data: { certificate: undefined } }, ['retry', 'answer-unreadable', undefined, PEM_LOST]],
  'no PEM': [{ data: { certificate: 'x' } }, ['retry', 'answer-unreadable', undefined, PEM_LOST]],
  'no text': [{ data: { certificate: { pem: minted() } } }, ['retry', 'answer-unreadable', undefined, PEM_LOST]],
  'neither certificate nor a serial number that is one': [
    { data: { certificate: '', serial_number: '<script>' } },
    ['retry', 'answer-unreadable', undefined, { minted: { serial: undefined, pem: undefined } }],
  ],
  'W-V6: another issuer, as after a change of the default': [
    { data: { certificate: minted({}, VAULT_ROOT), issuing_ca: VAULT_ROOT.certificatePem } },
    ['recheck-issuer', 'issuer-changed', 'AuthorityReady'],
  ],
  'another issuer behind the name of the checked one': [
    { data: { certificate: minted({}, OTHER_CA) } },
    ['recheck-issuer', 'issuer-changed', 'AuthorityReady'],
  ],
  'a right signature and another issuer beside': [
    { data: { issuing_ca: OTHER_CA.certificatePem } },
    ['recheck-issuer', 'issuer-changed', 'AuthorityReady'],
  ],
  'no issuer beside': [{ data: { issuing_ca: undefined } }, ['recheck-issuer', 'issuer-changed', 'AuthorityReady']],
  'another key': [{ data: { certificate: minted({ key: 'ECDSA-P384' }) } }, ['recheck-issuer', 'key-differs']],
  'a parameter that was ignored': [
    { warnings: ['Endpoint ignored these unrecognized parameters: [permitted_uri_domains]'] },
    ['recheck-issuer', 'parameters-ignored'],
  ],
  'W-V7: an end beyond that of the authority': [
    { data: { certificate: minted({ notAfter: VAULT_KNOWN.authorityEnd + 1000 }) } },
    ['recheck-issuer', 'authority-ends-first'],
  ],
  'a life that was cut short': [
    { data: short, warnings: [SHORTENED] },
    ['recheck-issuer', 'life-limited', undefined, { lesson: { mountMaxMs: 360_000_000 } }],
  ],
  'W-V7: an end that was moved to that of the authority': [
    { data: { certificate: minted({ notAfter: request.notAfter - 1000 }) }, warnings: [TRUNCATED] },
    ['recheck-issuer', 'authority-ends-first'],
  ],
  'a second less by a limit': [
    { data: { certificate: minted({ notAfter: request.notAfter - 1000 }) }, warnings: [SHORTENED] },
    ['recheck-issuer', 'life-limited', undefined, { lesson: { mountMaxMs: CONTEXT.ttlMs - 1000 } }],
  ],
  'two seconds less': [
    { data: { certificate: minted({ notAfter: request.notAfter - 2000 }) } },
    ['retry', 'life-differs'],
  ],
  'another life': [{ data: { certificate: minted({ notAfter: request.notAfter + 1000 }) } }, ['retry', 'life-differs']],
}

for (const [name, [answered, [remedy, code, part, rest]]] of Object.entries(REFUSED)) {
  test(`an answer is refused, and what it names is told: ${name}`, () => {
    const answer = answerOf(answered)
    const reading = readSigned(answer, CONTEXT)
    assert.ok(!reading.ok)
    const { error, ok: _, ...more } = reading
    assert.deepEqual([error.remedy, error.code, error.part], [remedy, code, part])
    const named = { minted: { serial: '7f:01:02', pem: answer.data.certificate } }
    assert.deepEqual(more, { ...named, ...rest })
  })
}

const TAKEN: Readonly<Record<string, Answered>> = {
  'as asked': {},
  'words about what is usual': {
    warnings: [
      "This mount hasn't configured any authority information access (AIA) fields",
      'Max path length of the signed certificate is zero.',
      'specified CSR contained a Basic Constraints extension that was ignored during issuance',
    ],
  },
  'a limit that did not matter': { warnings: [SHORTENED] },
  'a chain with anything in it': { data: { ca_chain: ['x', 1] } },
  'a second less, which began while the server signed': {
    data: { certificate: minted({ notAfter: request.notAfter - 1000 }) },
  },
  'moved by some seconds': {
    data: { certificate: minted({ notBefore: request.notBefore + 2000, notAfter: request.notAfter + 2000 }) },
  },
}

for (const [name, answered] of Object.entries(TAKEN)) {
  test(`an answer is taken: ${name}`, () => {
    const reading = readSigned(answerOf(answered), CONTEXT)
    assert.ok(reading.ok)
    assert.equal(reading.certificate.serialNumber, '7f0102')
  })
}

test('a role that begins earlier than was thought is learned of', () => {
  const leaf = { ...CONTEXT, request: { ...request, isCA: false }, ttlMs: LIFE - 30_000 }
  const longer = answerOf({ data: { certificate: minted({ notAfter: request.notAfter + 30_000 }) } })
  const reading = readSigned(longer, leaf)
  assert.ok(!reading.ok)
  assert.equal(reading.error.code, 'life-differs')
  assert.deepEqual(reading.lesson, { backdateMs: 60_000 })
})

test('no answer breaks the reader, and none but the right one is taken', () => {
  const once = minted()
  const pieces = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(once, VAULT_CA.certificatePem, VAULT_ROOT.certificatePem, `${once}${once}`),
  )
  const data = fc.record({ certificate: pieces, issuing_ca: pieces, serial_number: pieces }, { requiredKeys: [] })
  fc.assert(
    fc.property(data, fc.jsonValue(), (given, warnings) => {
      const reading = readSigned(envelope({ data: given, warnings }), CONTEXT)
      const right =
        typeof given.certificate === 'string' &&
        given.certificate.startsWith(once) &&
        given.issuing_ca === VAULT_CA.certificatePem
      assert.equal(reading.ok, right)
    }),
  )
})
