import type { Decision, Sign } from '../issuance/decide.ts'
import { makeBundle } from '../trust/bundle.ts'
import { trustPair } from '../trust/transition.ts'
import { type FactsChange, TEST_CSR, TEST_ROOT, testAuthority } from './builders.ts'
import { TEST_NOW } from './certificates.ts'

const HOUR_MS = 3_600_000
const ROOT = TEST_ROOT.certificate

/** What is decided about `testFacts()`. */
export const TEST_SIGN: Sign = {
  do: 'sign',
  request: {
    uid: 'uid-1',
    clusterId: 'cluster-1',
    tenant: 'istio-system',
    csr: TEST_CSR.csr,
    isCA: true,
    pathLength: 0,
    keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
    extKeyUsage: [],
    notBefore: TEST_NOW - 60_000,
    notAfter: TEST_NOW - 60_000 + 720 * HOUR_MS,
  },
  base: TEST_NOW,
  authority: testAuthority(TEST_ROOT),
  bundle: makeBundle([ROOT]),
  mesh: { trustDomain: 'cluster.local', namespace: 'istio-system', revisions: [], extraDNSNames: [] },
  trust: { step: 'first', changesSet: false, pair: trustPair(ROOT.fingerprint, [ROOT.fingerprint]), since: undefined },
}

/** The same with a few members changed. */
export function testSign(
  request: Partial<Sign['request']> = {},
  rest: Partial<Omit<Sign, 'do' | 'request'>> = {},
): Sign {
  return { ...TEST_SIGN, ...rest, request: { ...TEST_SIGN.request, ...request } }
}

/** One change to the good facts, and the whole decision that follows. */
export interface DecisionRow {
  readonly name: string
  readonly change: FactsChange
  readonly expected: Decision
}

export function failed(code: string, message: string): Decision {
  return { do: 'fail', code, message, waitMs: undefined }
}

export function waits(code: string, message: string, waitMs?: number): Decision {
  return { do: 'wait', code, message, waitMs }
}
