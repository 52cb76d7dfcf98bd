import { INT, pem, ROOT, ROOT2, SUB, TWO, testCacerts, tls, without } from '../testing/cacerts-rows.ts'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa } from '../testing/certificates.ts'

const JUNK = '-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n'
const EC_PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'

testCacerts([
  { name: '25 ca.crt empty', data: tls([INT, SUB], []), up: false, codes: ['CacertsIncomplete'] },
  {
    name: '26 a block in ca.crt that is no certificate',
    data: tls([INT, SUB], [ROOT], { 'ca.crt': pem(ROOT) + JUNK }),
    up: false,
    codes: ['PemUnreadable'],
  },
  { name: '27 two levels', data: tls([TWO], [ROOT]), up: true, refused: [], codes: [] },
  {
    name: '28 two levels, no newline at the end of tls.crt',
    data: tls([TWO], [ROOT], { 'tls.crt': pem(TWO).trimEnd() }),
    up: false,
    codes: ['NewlineMissing'],
  },
  {
    name: '29 three levels, no newline at the end of tls.crt',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': pem(INT, SUB).trimEnd() }),
    up: false,
    codes: ['NewlineMissing'],
  },
  {
    name: '30 no newline at the end of ca.crt',
    data: tls([INT, SUB], [ROOT], { 'ca.crt': pem(ROOT).trimEnd() }),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '31 lines that end as on Windows',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': crlf(pem(INT, SUB)), 'ca.crt': crlf(pem(ROOT)) }),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '32 text around the blocks',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': `Int:\n${pem(INT)}Sub:\n${pem(SUB)}` }),
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: '34 EC PARAMETERS before the key',
    data: tls([INT, SUB], [ROOT], { 'tls.key': EC_PARAMETERS + INT.privateKeyPem }),
    up: false,
    codes: ['KeyUnreadable'],
  },
  {
    name: '45 key of another certificate',
    data: tls([INT, SUB], [ROOT], { 'tls.key': SUB.privateKeyPem }),
    up: false,
    codes: ['KeyMismatch'],
  },
  {
    name: '47 ca.crt missing',
    data: without(tls([INT, SUB], [ROOT]), 'ca.crt'),
    up: false,
    codes: ['CacertsIncomplete'],
  },
  { name: '48 nothing at all', data: {}, up: false, codes: ['CacertsIncomplete'] },
  {
    name: '49 tls.key missing',
    data: without(tls([INT, SUB], [ROOT]), 'tls.key'),
    up: false,
    codes: ['CacertsIncomplete'],
  },
  {
    name: 'a root that is out of date beside the root',
    data: tls([INT, SUB], [ROOT, testCa({ subject: 'CN=Old', notAfter: TEST_NOW - 1000 })]),
    up: true,
    refused: [],
    codes: ['RootOutOfDate'],
  },
  {
    name: 'a key in tls.crt',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': pem(INT, SUB) + INT.privateKeyPem }),
    up: true,
    refused: [],
    codes: ['PrivateKeyPublished'],
  },
  {
    name: 'two blocks run into one line',
    data: tls([INT, SUB], [ROOT], { 'tls.crt': `${pem(INT).trimEnd()}${pem(SUB)}` }),
    up: false,
    codes: ['PemUnreadable'],
  },
  {
    name: 'a key under a passphrase',
    data: tls([INT, SUB], [ROOT], { 'tls.key': locked(INT) }),
    up: false,
    codes: ['KeyUnreadable'],
  },
  {
    name: "Istio's own names",
    data: {
      'ca-cert.pem': pem(INT),
      'ca-key.pem': INT.privateKeyPem,
      'cert-chain.pem': pem(INT, SUB),
      'root-cert.pem': pem(ROOT),
    },
    up: true,
    refused: [],
    codes: [],
  },
  {
    name: "the chain missing among Istio's own names",
    data: { 'ca-cert.pem': pem(INT), 'ca-key.pem': INT.privateKeyPem, 'root-cert.pem': pem(ROOT) },
    up: false,
    codes: ['CacertsIncomplete', 'ChainBroken'],
  },
  {
    name: 'both sets of names',
    data: { ...tls([INT, SUB], [ROOT]), 'ca-cert.pem': pem(TWO), 'root-cert.pem': pem(ROOT2) },
    up: true,
    refused: [],
    codes: ['CacertsMixedKeys'],
  },
])

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n')
}

function locked({ privateKey }: TestCertificate): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()
}
