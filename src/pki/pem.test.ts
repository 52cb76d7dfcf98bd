import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { PkiError } from './error.ts'
import { decodePem, decodeSinglePem, encodePem } from './pem.ts'

const BLOCK = '-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n'
const DER = Buffer.from('3003020105', 'hex')

const accepted: readonly (readonly [string, string, number])[] = [
  ['one block', BLOCK, 1],
  ['two blocks', BLOCK + BLOCK, 2],
  ['CRLF', BLOCK.replaceAll('\n', '\r\n'), 1],
  ['no newline at the end', BLOCK.trimEnd(), 1],
  ['blank lines around and between', `\n \n${BLOCK}\n\t\n${BLOCK}\n\n`, 2],
  ['lines that are not 64 columns', BLOCK.replace('MAMC', 'MA\nMC'), 1],
]

const OUTSIDE = 'the PEM text cannot be read: it has text outside its blocks; remove it'
const BASE64 = 'the PEM text cannot be read: a CERTIFICATE block is not strict base64'
const FRAME = 'the PEM text cannot be read: a CERTIFICATE block does not end with its own END line'
const ALONE = 'the PEM text cannot be read: the BEGIN and END lines of a CERTIFICATE block do not stand alone'
const LABEL = 'the PEM text holds a block that is not a CERTIFICATE; remove it'

const refused: readonly (readonly [string, string, string, string])[] = [
  ['nothing', ' \n', 'pem-invalid', 'the PEM text cannot be read: it is empty; give a CERTIFICATE block'],
  ['text in front', `# root\n${BLOCK}`, 'pem-invalid', OUTSIDE],
  ['text between', `${BLOCK}# root\n${BLOCK}`, 'pem-invalid', OUTSIDE],
  ['text behind', `${BLOCK}root`, 'pem-invalid', OUTSIDE],
  ['a private key behind', `${BLOCK}${BLOCK.replaceAll('CERTIFICATE', 'PRIVATE KEY')}`, 'pem-label', LABEL],
  ['another label that begins alike', BLOCK.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'), 'pem-label', LABEL],
  ['another END label', BLOCK.replace('END CERTIFICATE', 'END X509 CRL'), 'pem-invalid', FRAME],
  ['no END line', BLOCK.slice(0, 40), 'pem-invalid', FRAME],
  [
    'a boundary destroyed by a missing newline',
    BLOCK.trimEnd() + BLOCK,
    'pem-invalid',
    'the PEM text cannot be read: there is text behind the END line of a CERTIFICATE block',
  ],
  ['an END line that does not stand alone', BLOCK.replace('=\n', '='), 'pem-invalid', ALONE],
  ['a BEGIN line that does not stand alone', BLOCK.replace('-\nM', '-M'), 'pem-invalid', ALONE],
  [
    'headers',
    BLOCK.replace('\nM', '\nProc-Type: 4,ENCRYPTED\n\nM'),
    'pem-invalid',
    'the PEM text cannot be read: a CERTIFICATE block has headers; remove them',
  ],
  ['no padding', BLOCK.replace('=', ''), 'pem-invalid', BASE64],
  ['bits behind the end', BLOCK.replace('U=', 'V='), 'pem-invalid', BASE64],
  ['the alphabet of URLs', BLOCK.replace('MAMC', '-_MC'), 'pem-invalid', BASE64],
  ['spaces in a line', BLOCK.replace('MAMC', 'MA MC'), 'pem-invalid', BASE64],
  ['an indented block', BLOCK.replace('\nM', '\n  M'), 'pem-invalid', BASE64],
  ['an empty block', BLOCK.replace('MAMCAQU=\n', ''), 'pem-invalid', BASE64],
  ['a bare carriage return', BLOCK.replace('MAMC', 'MA\rMC'), 'pem-invalid', BASE64],
]

describe('PEM that is read', () => {
  for (const [what, text, count] of accepted) {
    test(what, () => assert.deepEqual(decodePem(text, 'CERTIFICATE'), new Array(count).fill(DER)))
  }
})

describe('PEM that is refused', () => {
  for (const [what, text, code, message] of refused) {
    test(what, () => assert.throws(() => decodePem(text, 'CERTIFICATE'), { name: 'PkiError', code, message }))
  }

  test('a second block where one is wanted', () => {
    const message = 'the PEM text cannot be read: it holds more than one CERTIFICATE block; give exactly one'
    assert.throws(() => decodeSinglePem(BLOCK + BLOCK, 'CERTIFICATE'), { code: 'pem-invalid', message })
  })

  test('more than 1 MiB', () => {
    const text = BLOCK.padEnd(1024 * 1024 + 1)
    assert.throws(() => decodePem(text, 'CERTIFICATE'), {
      code: 'pem-too-large',
      message: 'the PEM text is larger than 1 MiB',
    })
    assert.equal(decodePem(text.slice(0, -1), 'CERTIFICATE').length, 1)
  })
})

describe('properties', () => {
  test('what is encoded is decoded, in lines of 64 columns with one newline at the end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 4 }), (ders) => {
        const text = ders.map((der) => encodePem('PRIVATE KEY', der)).join('')
        assert.deepEqual(decodePem(text, 'PRIVATE KEY'), ders.map(Buffer.from))
        assert.ok(text.split('\n').every((line) => line.length <= 64))
        assert.match(text, /-----\n$/)
      }),
    )
  })

  test('a changed character gives other bytes or a PkiError, never a crash', () => {
    const position = fc.integer({ min: 0, max: BLOCK.length - 1 })
    fc.assert(
      fc.property(position, fc.string({ maxLength: 3 }), (at, inserted) => {
        try {
          decodePem(BLOCK.slice(0, at) + inserted + BLOCK.slice(at + 1), 'CERTIFICATE')
        } catch (error) {
          assert.ok(error instanceof PkiError)
        }
      }),
    )
  })
})
