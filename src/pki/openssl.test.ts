import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, uri } from '../testing/names.ts'
import { pathRows } from '../testing/path-rows.ts'
import { testPath } from '../testing/paths.ts'
import type { Certificate } from './certificate.ts'
import { trialPath } from './path.ts'
import type { KeyKind } from './public-key.ts'

const keys = testKeys()
const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'
const KINDS: readonly KeyKind[] = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']

interface Material {
  readonly leaf: TestCertificate
  readonly chain: readonly Certificate[]
  readonly root: Certificate
}

describe('openssl verify judges the chains of our writer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pki-'))
  after(() => rmSync(directory, { recursive: true }))

  /** "ok", or what openssl says; `role` is sslserver or sslclient. */
  function verify({ leaf, chain, root }: Material, role: string, ...more: readonly string[]): string {
    const file = (label: string, pem: string) => {
      writeFileSync(join(directory, label), pem)
      return join(directory, label)
    }
    const trusted = ['-attime', String(TEST_NOW / 1000), '-CAfile', file('root.pem', root.pem)]
    const below = [
      '-untrusted',
      file('chain.pem', chain.map(({ pem }) => pem).join('')),
      file('leaf.pem', leaf.certificatePem),
    ]
    const result = spawnSync('openssl', ['verify', '-purpose', role, ...more, ...trusted, ...below], {
      encoding: 'utf8',
    })
    return result.status === 0 ? 'ok' : result.stderr
  }

  for (const kind of KINDS) {
    test(`signed with ${kind}`, () => {
      const top = testCa({ key: keys(kind, 'root') })
      const middle = testIntermediate(top, { key: keys(kind, 'middle'), pathLength: 1, subject: 'CN=Middle' })
      const nameConstraints = constraints({ uriDomains: ['cluster.local'], dnsDomains: ['svc'] })
      const below = testIntermediate(middle, { key: keys(kind, 'below'), nameConstraints })
      const path = { chain: [below.certificate, middle.certificate], root: top.certificate }
      const leaf = testLeaf(below, { names: [uri('spiffe://cluster.local/ns/a/sa/b'), dns('a.svc')] })
      assert.equal(verify({ leaf, ...path }, 'sslserver', '-x509_strict'), 'ok')
      const outside = testLeaf(below, { names: [uri('spiffe://other.domain/ns/a/sa/b')] })
      assert.match(verify({ leaf: outside, ...path }, 'sslserver', '-x509_strict'), /permitted subtree violation/)
    })
  }

  const names = [uri('spiffe://cluster.local/ns/a/sa/b'), dns('istiod.istio-system.svc')]
  for (const { what, changes, code, takenBy = [] } of pathRows(TEST_NOW)) {
    test(`the trial and openssl judge a real leaf: ${what}`, () => {
      const { chain, root, int } = testPath(changes)
      const leaf = testLeaf(int, { names })
      const trial = { description: 'a trial', names, extKeyUsage: [SERVER, CLIENT] }
      const verdicts = ['sslserver', 'sslclient'].map((role) => verify({ leaf, chain, root }, role))
      assert.equal(trialPath(trial, chain, root, TEST_NOW)?.code, code)
      assert.equal(verdicts.join() === 'ok,ok', code === undefined || takenBy.includes('OpenSSL'), verdicts.join())
    })
  }
})
