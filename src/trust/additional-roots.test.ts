import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEST_NOW, testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { type Admission, admitRoots, type DeclaredRoots } from './additional-roots.ts'

const ACTIVE = testCa({ subject: 'CN=Active' })
const NEXT = testCa({ subject: 'CN=Next' })
const OTHER = testCa({ subject: 'CN=Other' })
const SOURCE = 'trust.additionalRoots[0] (ConfigMap roots, key ca.crt)'

function print(...roots: readonly (typeof NEXT)[]): readonly string[] {
  return roots.map(({ certificate }) => certificate.fingerprint)
}

function pinned(pem: string, sha256: readonly string[]): DeclaredRoots {
  return { source: SOURCE, pem, sha256 }
}

function inline(...roots: readonly (typeof NEXT)[]): DeclaredRoots {
  return { source: SOURCE, pem: roots.map((root) => root.certificatePem).join(''), sha256: undefined }
}

function admitted(...roots: readonly (typeof NEXT)[]): Admission {
  return { ok: true, roots: roots.map(({ certificate }) => certificate) }
}

function refused(code: Extract<Admission, { ok: false }>['code'], message: string): Admission {
  return { ok: false, code, message }
}

function unfit(problem: string): Admission {
  return refused('RootUnfit', `${SOURCE}: ${problem}, so no peer could trust it as a root`)
}

function notPinned(root: typeof NEXT): Admission {
  const { subject, fingerprint } = root.certificate
  return refused(
    'RootNotPinned',
    `${SOURCE} holds a certificate (${subject.text}) with fingerprint ${fingerprint}, which sha256 does not list; add the fingerprint if you trust it, or remove the certificate`,
  )
}

function missing(root: typeof NEXT): Admission {
  return refused(
    'RootMissing',
    `${SOURCE} holds no certificate with the pinned fingerprint ${root.certificate.fingerprint}; restore the certificate or remove the fingerprint`,
  )
}

function collide(a: typeof NEXT, b: typeof NEXT): Admission {
  return refused(
    'RootNamesCollide',
    `two different roots carry the name ${b.certificate.subject.text} (${a.certificate.fingerprint} and ${b.certificate.fingerprint}); some TLS stacks then pick the wrong one, so give the new root a name of its own`,
  )
}

const NAMESAKE = testCa({ subject: 'CN=Active', key: 'ECDSA-P384' })
const ALIKE = testCa({ subject: 'CN=ACTIVE', key: 'ECDSA-P384' })
const TWIN = testCa({ subject: 'CN=Next', key: 'ECDSA-P384' })
const BELOW = testIntermediate(ACTIVE, { subject: 'CN=Below' })
const LEAF = testLeaf(ACTIVE)
const NO_CA = testCa({ subject: 'CN=No CA', isCA: false })
const NO_SIGNER = testCa({ subject: 'CN=No Signer', keyUsage: ['digitalSignature'] })
const LATER = testCa({ subject: 'CN=Later', notBefore: TEST_NOW + 1000 })
const TODAY = testCa({ subject: 'CN=Today', notBefore: TEST_NOW })
const ENDED = testCa({ subject: 'CN=Ended', notAfter: TEST_NOW })
const LAST_SECOND = testCa({ subject: 'CN=Last', notAfter: TEST_NOW + 1000 })

const ROWS: readonly {
  readonly name: string
  readonly declared: readonly DeclaredRoots[]
  readonly expected: Admission
}[] = [
  { name: 'none', declared: [], expected: admitted() },
  { name: 'one written out', declared: [inline(NEXT)], expected: admitted(NEXT) },
  { name: 'the active one once more', declared: [inline(ACTIVE)], expected: admitted(ACTIVE) },
  { name: 'the same one twice', declared: [inline(NEXT), inline(NEXT)], expected: admitted(NEXT) },
  { name: 'a pinned one', declared: [pinned(NEXT.certificatePem, print(NEXT))], expected: admitted(NEXT) },
  {
    name: 'two pinned ones in another order',
    declared: [pinned(NEXT.certificatePem + OTHER.certificatePem, print(OTHER, NEXT))],
    expected: admitted(NEXT, OTHER),
  },
  {
    name: 'one slipped in that is not even a root: the pins come first',
    declared: [pinned(inline(NEXT, BELOW).pem, print(NEXT))],
    expected: notPinned(BELOW),
  },
  { name: 'one slipped in', declared: [pinned(inline(NEXT, OTHER).pem, print(NEXT))], expected: notPinned(OTHER) },
  { name: 'one exchanged', declared: [pinned(OTHER.certificatePem, print(NEXT))], expected: notPinned(OTHER) },
  { name: 'one taken away', declared: [pinned(NEXT.certificatePem, print(NEXT, OTHER))], expected: missing(OTHER) },
  { name: 'no pins at all', declared: [pinned(NEXT.certificatePem, [])], expected: notPinned(NEXT) },
  {
    name: 'no certificate',
    declared: [pinned('', print(NEXT))],
    expected: refused(
      'RootUnreadable',
      `${SOURCE}: the PEM text cannot be read: it is empty; give a CERTIFICATE block`,
    ),
  },
  { name: 'an intermediate', declared: [inline(BELOW)], expected: unfit('CN=Below is not self-signed') },
  { name: 'a leaf', declared: [inline(LEAF)], expected: unfit('CN=Test Leaf is not self-signed') },
  { name: 'no CA', declared: [inline(NO_CA)], expected: unfit('CN=No CA is not a CA') },
  {
    name: 'a CA that may not sign',
    declared: [inline(NO_SIGNER)],
    expected: unfit('CN=No Signer may not sign certificates'),
  },
  {
    name: 'one of tomorrow',
    declared: [inline(LATER)],
    expected: unfit('CN=Later is not valid before 2026-11-23T12:00:01.000Z'),
  },
  { name: 'one of today', declared: [inline(TODAY)], expected: admitted(TODAY) },
  {
    name: 'one of yesterday',
    declared: [inline(ENDED)],
    expected: unfit('CN=Ended ended at 2026-11-23T12:00:00.000Z'),
  },
  { name: 'one of this very second', declared: [inline(LAST_SECOND)], expected: admitted(LAST_SECOND) },
  {
    name: 'a namesake of the active root',
    declared: [inline(NEXT, NAMESAKE)],
    expected: collide(ACTIVE, NAMESAKE),
  },
  { name: 'two namesakes in two places', declared: [inline(NEXT), inline(TWIN)], expected: collide(NEXT, TWIN) },
  { name: 'a name that OpenSSL takes for another', declared: [inline(ALIKE)], expected: collide(ACTIVE, ALIKE) },
]

for (const { name, declared, expected } of ROWS) {
  test(`additional roots: ${name}`, () => {
    assert.deepEqual(admitRoots(ACTIVE.certificate, declared, TEST_NOW), expected)
  })
}

test('a source of far too many certificates is refused before any is read', () => {
  const pem = NEXT.certificatePem.repeat(65)
  assert.deepEqual(
    admitRoots(ACTIVE.certificate, [pinned(pem, print(NEXT))], TEST_NOW),
    refused('TooManyRoots', `${SOURCE} holds 65 certificates, and 64 are the most; remove those that are not needed`),
  )
  assert.equal(admitRoots(ACTIVE.certificate, [pinned(NEXT.certificatePem.repeat(64), print(NEXT))], TEST_NOW).ok, true)
})

test('far too many roots from many sources are refused', () => {
  const roots = Array.from({ length: 64 }, (_, index) => testCa({ subject: `CN=Root ${index}` }))
  const sources = [inline(...roots.slice(0, 40)), inline(...roots.slice(40))]
  assert.deepEqual(
    admitRoots(ACTIVE.certificate, sources, TEST_NOW),
    refused('TooManyRoots', 'ca.crt would hold 65 roots, and 64 are the most; remove those that are not needed'),
  )
  assert.equal(admitRoots(ACTIVE.certificate, [inline(...roots.slice(1))], TEST_NOW).ok, true)
})

test('what a wrongly named key of a Secret holds is not in the words of the refusal', () => {
  const admission = admitRoots(ACTIVE.certificate, [pinned(NEXT.privateKeyPem, print(NEXT))], TEST_NOW)
  assert.ok(!admission.ok)
  assert.equal(admission.code, 'RootUnreadable')
  assert.doesNotMatch(admission.message, /[A-Za-z0-9+/]{40}/)
})
