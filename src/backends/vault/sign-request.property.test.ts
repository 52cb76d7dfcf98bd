import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Certificate } from '../../pki/certificate.ts'
import { type KeyUsage, sortKeyUsages } from '../../pki/key-usage.ts'
import { type NameConstraints, sameNameConstraints } from '../../pki/name-constraints.ts'
import type { GeneralName } from '../../pki/san.ts'
import { TEST_NOW, testCsr } from '../../testing/certificates.ts'
import { TEST_SIGN } from '../../testing/decisions.ts'
import { FakeEngine } from '../../testing/fakes/vault/engine.ts'
import { OPENBAO_PARAMETERS } from '../../testing/fakes/vault/engine-options.ts'
import { dns, subtrees, uri } from '../../testing/names.ts'
import { VAULT_CONFIG, VAULT_KNOWN } from '../../testing/vault-knowledge.ts'
import { VAULT_CA, VAULT_ROOT } from '../../testing/vault-stage.ts'
import { SigningError, type SigningRequest } from '../backend.ts'
import { readSigned } from './answer.ts'
import { envelope } from './client.ts'
import { isRecord } from './json.ts'
import { EXT_KEY_USAGE_NAMES } from './names.ts'
import { signCall } from './sign-request.ts'

const USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'keyAgreement',
  'cRLSign',
]
const MOUNT_MAX = 800 * 86_400

interface Wish {
  readonly isCA: boolean
  readonly pathLength: number
  readonly usages: readonly KeyUsage[]
  readonly extKeyUsage: readonly string[]
  readonly constraints: NameConstraints | undefined
  readonly names: readonly GeneralName[]
  /** Whether the CSR states usages, and constraints. */
  readonly states: readonly [usages: boolean, constraints: boolean]
  /** Seconds. */
  readonly back: number
  readonly life: number
  readonly ahead: number
}

const subtreeLists = fc.constantFrom(
  subtrees(),
  subtrees({ dnsDomains: ['a.example'] }),
  subtrees({ uriDomains: ['td'] }),
)
const wishes: fc.Arbitrary<Wish> = fc.record({
  isCA: fc.boolean(),
  pathLength: fc.integer({ min: 0, max: 3 }),
  usages: fc.subarray([...USAGES]),
  extKeyUsage: fc.subarray([...EXT_KEY_USAGE_NAMES.keys()]),
  constraints: fc.oneof(
    fc.constant(undefined),
    fc.record({ critical: fc.boolean(), permitted: subtreeLists, excluded: subtreeLists }).filter(limits),
  ),
  names: fc.subarray([dns('a.example'), dns('*.b.example'), uri('spiffe://td/ns/a/sa/b')]),
  states: fc.tuple(fc.boolean(), fc.boolean()),
  back: fc.integer({ min: 0, max: 700 }),
  life: fc.integer({ min: 3600, max: 1100 * 86_400 }),
  ahead: fc.integer({ min: -600, max: 600 }),
})

function limits({ permitted, excluded }: NameConstraints): boolean {
  return [permitted, excluded].some((lists) => Object.values(lists).flat().length > 0)
}

function requestOf(wish: Wish): SigningRequest {
  const { isCA, pathLength, extKeyUsage, names, states, back, life } = wish
  const constraints = isCA ? wish.constraints : undefined
  const keyUsage = sortKeyUsages([...wish.usages, ...(isCA ? (['keyCertSign'] as const) : [])])
  const notBefore = TEST_NOW - back * 1000
  const { csr } = testCsr({
    ...(names.length > 0 && { names }),
    ...(states[0] && { keyUsage, extKeyUsage }),
    ...(states[1] && constraints && { nameConstraints: constraints }),
  })
  const { pathLength: _, ...base } = TEST_SIGN.request
  const asked = { csr, isCA, keyUsage, extKeyUsage, notBefore, notAfter: notBefore + life * 1000 }
  return { ...base, ...asked, ...(isCA && { pathLength }), ...(constraints && { nameConstraints: constraints }) }
}

/** What a server answers whose clock may be wrong; undefined where nothing is asked. */
function signed(request: SigningRequest, ahead: number): Certificate | undefined {
  const serverNow = TEST_NOW + ahead * 1000
  const engine = new FakeEngine({
    now: () => serverNow,
    mount: 'pki',
    issuers: { mesh: { signer: VAULT_CA, above: [VAULT_ROOT] } },
    defaultIssuer: 'mesh',
    roles: { leaf: {} },
    maxTtl: MOUNT_MAX,
    parameters: OPENBAO_PARAMETERS,
  })
  const known = { ...VAULT_KNOWN, mountMaxMs: MOUNT_MAX * 1000 }
  try {
    const { call, ttlMs } = signCall(request, { config: VAULT_CONFIG, known, serverNow })
    const { body } = engine.handle('POST', call.path.slice('team/pki/'.length), call.body ?? {})
    assert.ok(isRecord(body))
    const reading = readSigned(envelope(body), { request, ttlMs, config: VAULT_CONFIG, known })
    assert.ok(reading.ok, 'error' in reading ? reading.error.message : '')
    return reading.certificate
  } catch (error) {
    if (error instanceof SigningError) return undefined
    throw error
  }
}

test('W-V2: whatever is asked for is in the certificate, or is refused before the call', () => {
  let refused = 0
  fc.assert(
    fc.property(wishes, (wish) => {
      const request = requestOf(wish)
      const certificate = signed(request, wish.ahead)
      if (certificate === undefined) {
        refused += 1
        return
      }
      const { csr } = request
      assert.equal(certificate.notAfter - certificate.notBefore, request.notAfter - request.notBefore)
      assert.equal(certificate.subject.text, csr.subject.text)
      assert.deepEqual(certificate.subjectAltName?.names, csr.subjectAltName?.names)
      assert.deepEqual(
        certificate.basicConstraints,
        request.isCA ? { cA: true, pathLength: request.pathLength } : undefined,
      )
      assert.ok(sameNameConstraints(certificate.nameConstraints, request.nameConstraints))
      assert.deepEqual(new Set(certificate.extKeyUsage), new Set(request.extKeyUsage))
      // A CA may sign revocation lists whatever was asked, where the CSR does not say.
      const given = (certificate.keyUsage ?? []).filter((usage) => !request.isCA || usage !== 'cRLSign')
      const asked = request.keyUsage.filter((usage) => !request.isCA || usage !== 'cRLSign')
      assert.deepEqual(given, asked)
    }),
    { numRuns: 300 },
  )
  assert.ok(refused < 200, `${refused} of 300 were refused`)
})
