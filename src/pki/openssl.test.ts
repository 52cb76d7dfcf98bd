import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { TEST_NOW, type TestCertificate, testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, uri } from '../testing/names.ts'
import type { Certificate } from './certificate.ts'
import type { KeyKind } from './public-key.ts'

const keys = testKeys()
const KINDS: readonly KeyKind[] = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']

describe('openssl verify -x509_strict takes the chains of our writer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pki-'))
  after(() => rmSync(directory, { recursive: true }))

  function verify(leaf: TestCertificate, intermediates: readonly Certificate[], anchor: Certificate): string {
    const file = (label: string, pem: string) => {
      writeFileSync(join(directory, label), pem)
      return join(directory, label)
    }
    const chain = file('chain.pem', intermediates.map(({ pem }) => pem).join(''))
    const args = [
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-attime',
      String(TEST_NOW / 1000),
      '-CAfile',
      file('root.pem', anchor.pem),
    ]
    const result = spawnSync(
      'openssl',
      ['verify', ...args, '-untrusted', chain, file('leaf.pem', leaf.certificatePem)],
      { encoding: 'utf8' },
    )
    return result.status === 0 ? 'ok' : result.stderr
  }

  for (const kind of KINDS) {
    test(`signed with ${kind}`, () => {
      const top = testCa({ key: keys(kind, 'root') })
      const middle = testIntermediate(top, { key: keys(kind, 'middle'), pathLength: 1, subject: 'CN=Middle' })
      const nameConstraints = constraints({ uriDomains: ['cluster.local'], dnsDomains: ['svc'] })
      const below = testIntermediate(middle, { key: keys(kind, 'below'), nameConstraints })
      const leaf = testLeaf(below, { names: [uri('spiffe://cluster.local/ns/a/sa/b'), dns('a.svc')] })
      assert.equal(verify(leaf, [middle.certificate, below.certificate], top.certificate), 'ok')
      const outside = testLeaf(below, { names: [uri('spiffe://other.domain/ns/a/sa/b')] })
      assert.match(
        verify(outside, [middle.certificate, below.certificate], top.certificate),
        /permitted subtree violation/,
      )
    })
  }
})
