import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASKED_TO_SIGN, answered, broken, testFailures } from '../../testing/vault-failures.ts'
import { mayBeDone, unreachable, type VaultFailure } from './failure.ts'

testFailures(ASKED_TO_SIGN, {
  'a connection that is refused': [
    broken('ECONNREFUSED'),
    'retry',
    'server-unreachable',
    undefined,
    /cannot be reached \(ECONNREFUSED\)$/,
  ],
  'a connection that is reset': [broken('ECONNRESET'), 'retry', 'server-unreachable', undefined, /\(ECONNRESET\)$/],
  'an unknown break': [unreachable('x'), 'retry', 'server-unreachable', undefined, /\(unknown\)$/],
  'a certificate of another name': [
    broken('ERR_TLS_CERT_ALTNAME_INVALID'),
    'recheck-issuer',
    'server-name-mismatch',
    'CredentialsReady',
    /does not carry the name vault\.example; set vault\.serverName/,
  ],
  'a certificate of another CA': [
    broken('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    'recheck-issuer',
    'server-untrusted',
    'CredentialsReady',
    /vault\.caBundle/,
  ],
  'a certificate that has ended': [
    broken('CERT_HAS_EXPIRED'),
    'recheck-issuer',
    'server-untrusted',
    'CredentialsReady',
    /CERT_HAS_EXPIRED/,
  ],
  'a self-signed certificate': [
    broken('DEPTH_ZERO_SELF_SIGNED_CERT'),
    'recheck-issuer',
    'server-untrusted',
    'CredentialsReady',
    /not trusted/,
  ],
  'a server that wants a client certificate': [
    broken('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    'recheck-issuer',
    'tls-refused',
    'CredentialsReady',
    /clientCertificateSecretRef/,
  ],
  'a server without TLS': [
    broken('ERR_SSL_WRONG_VERSION_NUMBER'),
    'recheck-issuer',
    'tls-missing',
    'CredentialsReady',
    /does not speak TLS/,
  ],
  'an answer that is no JSON': [
    broken('ANSWER_UNREADABLE'),
    'retry',
    'answer-unreadable',
    undefined,
    /is it a Vault or OpenBao server/,
  ],
  'a proxy that says no': [
    unreachable(new Error('Proxy response (407) !== 200 when HTTP Tunneling')),
    'retry',
    'proxy-refused',
    undefined,
    /^the proxy of HTTPS_PROXY does not let calls through to Vault at \S+ \(PROXY_407\): allow them there, or name the host in NO_PROXY$/,
  ],
  'a proxy that broke off': [broken('UND_ERR_PRX_CONN'), 'retry', 'proxy-refused', undefined, /\(UND_ERR_PRX_CONN\)/],
  'an answer without an end': [
    broken('UND_ERR_RES_EXCEEDED_MAX_SIZE'),
    'retry',
    'answer-too-large',
    undefined,
    /more than 1 MiB/,
  ],
})

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
  'an error of the server': [answered(500), false],
  'a gateway without an answer': [answered(502), true],
  sealed: [answered(503, 'Vault is sealed'), false],
  'a gateway that waited': [answered(504), true],
}

for (const [name, [failure, expected]] of Object.entries(DONE)) {
  test(`whether it may be done all the same: ${name}`, () => assert.equal(mayBeDone(failure), expected))
}
