import { ASKED_TO_SIGN, broken, testFailures } from '../../testing/vault-failures.ts'
import { unreachable } from './failure.ts'

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
