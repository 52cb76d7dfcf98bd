import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeExtKeyUsage, encodeKeyUsage, parseExtKeyUsage, parseKeyUsage } from './key-usage.ts'
import { usagesToExtensions } from './usages.ts'

const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'
const EMAIL = '1.3.6.1.5.5.7.3.4'

describe('usages', () => {
  const rows: readonly (readonly [string, readonly string[], boolean, readonly string[], readonly string[]])[] = [
    ['none', [], false, ['digitalSignature', 'keyEncipherment'], []],
    ['none for a CA', [], true, ['digitalSignature', 'keyEncipherment', 'keyCertSign'], []],
    ['cert sign for a CA', ['cert sign', 'crl sign'], true, ['keyCertSign', 'cRLSign'], []],
    ['cert sign, and no CA', ['cert sign'], false, ['keyCertSign'], []],
    ['two names of one bit', ['signing', 'digital signature'], false, ['digitalSignature'], []],
    [
      'bits come in their order',
      ['decipher only', 'key agreement', 'signing'],
      false,
      ['digitalSignature', 'keyAgreement', 'decipherOnly'],
      [],
    ],
    ['extended ones keep theirs', ['client auth', 'server auth'], false, [], [CLIENT, SERVER]],
    ['two names of one OID stay two, as in cert-manager', ['email protection', 's/mime'], false, [], [EMAIL, EMAIL]],
    ['both sorts', ['server auth', 'key encipherment'], false, ['keyEncipherment'], [SERVER]],
  ]
  for (const [what, usages, isCA, keyUsage, extKeyUsage] of rows) {
    test(what, () => assert.deepEqual(usagesToExtensions(usages, isCA), { keyUsage, extKeyUsage }))
  }

  test('every name that cert-manager defines is known', () => {
    const bits = [
      'signing',
      'digital signature',
      'content commitment',
      'key encipherment',
      'key agreement',
      'data encipherment',
    ]
    const more = ['cert sign', 'crl sign', 'encipher only', 'decipher only']
    assert.equal(usagesToExtensions([...bits, ...more], false).keyUsage.length, 9)
    const extended = [
      'any',
      'server auth',
      'client auth',
      'code signing',
      'email protection',
      's/mime',
      'ipsec end system',
    ]
    const rest = ['ipsec tunnel', 'ipsec user', 'timestamping', 'ocsp signing', 'microsoft sgc', 'netscape sgc']
    assert.equal(new Set(usagesToExtensions([...extended, ...rest], false).extKeyUsage).size, 12)
  })

  for (const usage of ['Signing', 'serverAuth', '']) {
    test(`"${usage}" is refused`, () => {
      const message = `"${usage}" is not a key usage that cert-manager defines; correct spec.usages`
      assert.throws(() => usagesToExtensions([usage], false), { name: 'PkiError', code: 'unknown-usage', message })
    })
  }
})

describe('usage extensions', () => {
  test('key usages are written in the fewest bits and read back', () => {
    assert.equal(Buffer.from(encodeKeyUsage(['keyCertSign', 'cRLSign'])).toString('hex'), '03020106')
    assert.deepEqual(parseKeyUsage(encodeKeyUsage(['decipherOnly', 'digitalSignature'])), [
      'digitalSignature',
      'decipherOnly',
    ])
  })

  for (const [what, der] of [
    ['no bit', '030100'],
    ['only zero bits', '03020700'],
    ['a bit that is not defined', '0303060040'],
  ] as const) {
    test(`${what} is refused`, () => {
      const message = 'the key usage extension is not well-formed DER: it has no bit set, or one that is not defined'
      assert.throws(() => parseKeyUsage(Buffer.from(der, 'hex')), { code: 'der-invalid', message })
    })
  }

  test('extended usages are read back in their order', () => {
    assert.deepEqual(parseExtKeyUsage(encodeExtKeyUsage([SERVER, CLIENT, SERVER])), [SERVER, CLIENT, SERVER])
  })

  test('bytes behind them are refused', () => {
    assert.throws(() => parseKeyUsage(Buffer.from('0302020400', 'hex')), {
      message: /key usage extension .* behind its end$/,
    })
    assert.throws(() => parseExtKeyUsage(Buffer.from('3006060455 1d250000'.replace(' ', ''), 'hex')), {
      message: /extended key usage extension .* behind its end$/,
    })
  })

  test('an empty list of extended usages is refused', () => {
    const message = 'the extended key usage extension is not well-formed DER: a usage is missing'
    assert.throws(() => parseExtKeyUsage(Buffer.from('3000', 'hex')), { code: 'der-invalid', message })
  })
})
