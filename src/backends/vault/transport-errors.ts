import { PROXY_CODE } from '../outbound.ts'
import type { FailureRow } from './failure-row.ts'
import { hostOf, serverOf } from './words.ts'

const RECHECK = { status: [0], remedy: 'recheck-issuer', part: 'CredentialsReady' } as const
const RETRY = { status: [0], remedy: 'retry' } as const

/** Calls without an answer, by the code of the system, OpenSSL or undici. */
export const TRANSPORT_ROWS: readonly FailureRow[] = [
  {
    ...RETRY,
    says: PROXY_CODE,
    code: 'proxy-refused',
    message: ({ config }, { code }) =>
      `the proxy of HTTPS_PROXY does not let calls through to ${serverOf(config)} (${code}): allow them there, or name the host in NO_PROXY`,
  },
  {
    ...RECHECK,
    says: /ALTNAME/,
    code: 'server-name-mismatch',
    message: ({ config }) =>
      `the certificate of ${serverOf(config)} does not carry the name ${config.serverName ?? hostOf(config)}; set vault.serverName to one that it carries`,
  },
  {
    ...RECHECK,
    says: /WRONG_VERSION|PACKET_LENGTH|HTTP_REQUEST/,
    code: 'tls-missing',
    message: ({ config }) => `${serverOf(config)} does not speak TLS; correct vault.server`,
  },
  {
    ...RECHECK,
    says: /ALERT|HANDSHAKE/,
    code: 'tls-refused',
    message: ({ config }, { code }) =>
      `${serverOf(config)} broke off the TLS handshake (${code}); it may ask for another client certificate than that of vault.clientCertificateSecretRef`,
  },
  {
    ...RECHECK,
    says: /CERT|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/,
    code: 'server-untrusted',
    message: ({ config }, { code }) =>
      `the certificate of ${serverOf(config)} is not trusted (${code}); give the roots that it chains to as vault.caBundle, and its name as vault.serverName`,
  },
  {
    ...RETRY,
    says: /NOT_LEADING/,
    code: 'not-leading',
    message: ({ config }) => `another process acts now and asks ${serverOf(config)}`,
  },
  {
    ...RETRY,
    says: /ANSWER_UNREADABLE/,
    code: 'answer-unreadable',
    message: ({ config }) => `${serverOf(config)} gave an answer that is not JSON; is it a Vault or OpenBao server?`,
  },
  {
    ...RETRY,
    says: /UND_ERR_RES_EXCEEDED_MAX_SIZE/,
    code: 'answer-too-large',
    message: ({ config }) => `${serverOf(config)} gave an answer of more than 1 MiB; is it a Vault or OpenBao server?`,
  },
  {
    ...RETRY,
    code: 'server-unreachable',
    message: ({ config }, { code }) => `${serverOf(config)} cannot be reached (${code ?? 'no answer'})`,
  },
]
