import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, broken } from '../../testing/vault-failures.ts'
import { refusal, unreachable, type VaultFailure } from './failure.ts'
import { mayBeDone } from './may-be-done.ts'

/** As Envoy words it (source/common/router/router.cc). */
function envoy(reason: string): VaultFailure {
  return refusal(503, `upstream connect error or disconnect/reset before headers. ${reason}`, undefined)
}

const DONE: Readonly<Record<string, readonly [VaultFailure, boolean]>> = {
  'never connected': [broken('ECONNREFUSED'), false],
  'no such host': [broken('ENOTFOUND'), false],
  'too slow to connect': [broken('UND_ERR_CONNECT_TIMEOUT'), false],
  'a proxy that says no': [broken('PROXY_403'), false],
  'a proxy that broke off': [broken('UND_ERR_PRX_CONN'), false],
  'not trusted': [broken('SELF_SIGNED_CERT_IN_CHAIN'), false],
  'cut off': [broken('ECONNRESET'), true],
  'the other side closed': [broken('UND_ERR_SOCKET'), true],
  'too slow to answer': [broken('UND_ERR_HEADERS_TIMEOUT'), true],
  'the end of our patience': [broken('ETIMEDOUT'), true],
  'given up for another reason': [unreachable(new DOMException('x', 'AbortError')), true],
  'a cause below': [
    unreachable(new Error('x', { cause: Object.assign(new Error('y'), { code: 'ECONNREFUSED' }) })),
    false,
  ],
  'an answer that is no JSON': [broken('ANSWER_UNREADABLE'), true],
  refused: [answered(400), false],
  'an error of the server': [answered(500), true],
  'an audit log that takes no answers': [answered(500, 'internal error'), true],
  'a store that takes nothing': [answered(500, 'unable to store certificate locally: no space left'), true],
  'no such issuer': [answered(500, 'unable to find PKI issuer for reference: ca'), false],
  'an issuer that may not sign': [answered(500, 'requested usage issuing-certificates for issuer x'), false],
  'a signature that it finds bad': [answered(500, 'verification of parsed bundle failed: x509: …'), false],
  'a standby without an active node': [answered(500, 'local node not active but active cluster node not found'), false],
  'a standby that lost the active node': [answered(503, 'no active Vault instance found'), true],
  'a standby that redirects': [answered(307), true],
  'a gateway that redirects': [answered(308), false],
  throttled: [answered(429), false],
  'a gateway without an answer': [answered(502), true],
  sealed: [answered(503, 'Vault is sealed'), false],
  'a gateway that waited': [answered(504), true],
  'Envoy that was cut off': [envoy('reset reason: connection termination'), true],
  'Envoy that was cut off again': [envoy('retried and the latest reset reason: remote reset'), true],
  'Envoy without a connection': [envoy('reset reason: connection failure'), false],
  'Envoy that was refused': [envoy('reset reason: remote connection failure, transport failure reason: x'), false],
  'Envoy too slow to connect': [envoy('reset reason: connection timeout'), false],
  'Envoy with too much to do': [envoy('reset reason: overflow'), false],
  'Envoy with nowhere to send it': [refusal(503, 'no healthy upstream', undefined), false],
  'a server that would not begin': [envoy('reset reason: remote refused stream reset'), false],
}

for (const [name, [failure, expected]] of Object.entries(DONE)) {
  test(`whether it may be done all the same: ${name}`, () => assert.equal(mayBeDone(failure), expected))
}
