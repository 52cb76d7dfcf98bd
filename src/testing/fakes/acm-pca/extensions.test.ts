import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testCsr } from '../../certificates.ts'
import { dns } from '../../names.ts'
import { Authority } from './authority.ts'
import { readCsr } from './csr.ts'
import { STAGE_CA, STAGE_ROOT } from './stage.ts'
import { composeExtensions, findTemplate } from './templates.ts'
import { templateArn, testAuthority } from './world.ts'

// "AWS Private CA template definitions" of the user guide: what is written there as "Critical".

const BASIC_CONSTRAINTS = '2.5.29.19'
const AUTHORITY_KEY = '2.5.29.35'
const SUBJECT_KEY = '2.5.29.14'
const KEY_USAGE = '2.5.29.15'
const EXTENDED = '2.5.29.37'
const NAMES = '2.5.29.17'
const CRL = '2.5.29.31'

const authority = new Authority(testAuthority(STAGE_CA, [STAGE_ROOT], { crlUrl: 'http://crl.example/1.crl' }))
const csr = readCsr(Buffer.from(testCsr({ names: [dns('a.example')] }).csrPem))

/** Template, critical extensions, other ones. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['EndEntityCertificate', [KEY_USAGE], [BASIC_CONSTRAINTS, EXTENDED]],
  ['EndEntityClientAuthCertificate', [KEY_USAGE], [BASIC_CONSTRAINTS, EXTENDED]],
  ['CodeSigningCertificate', [KEY_USAGE, EXTENDED], [BASIC_CONSTRAINTS]],
  ['OCSPSigningCertificate', [KEY_USAGE, EXTENDED], [BASIC_CONSTRAINTS]],
  ['BlankEndEntityCertificate_CSRPassthrough', [], [BASIC_CONSTRAINTS]],
  ['BlankEndEntityCertificate_CriticalBasicConstraints_CSRPassthrough', [BASIC_CONSTRAINTS], []],
  ['SubordinateCACertificate_PathLen0', [BASIC_CONSTRAINTS, KEY_USAGE], []],
  ['BlankSubordinateCACertificate_PathLen0_APIPassthrough', [BASIC_CONSTRAINTS], []],
]

describe('these extensions are there, critical or not', () => {
  for (const [name, critical, others] of CASES) {
    test(name, () => {
      const template = findTemplate(templateArn(`${name}/V1`), 'aws')
      const extensions = composeExtensions({ template, authority, csr, api: [] })
      const oids = (wanted: boolean) => extensions.filter((one) => one.critical === wanted).map(({ oid }) => oid)
      assert.deepEqual(oids(true).sort(), [...critical].sort())
      assert.deepEqual(oids(false).sort(), [...others, AUTHORITY_KEY, SUBJECT_KEY, NAMES, CRL].sort())
    })
  }
})

test('a root has no CRL distribution point', () => {
  const template = findTemplate(templateArn('RootCACertificate/V1'), 'aws')
  assert.ok(!composeExtensions({ template, authority, csr, api: [] }).some(({ oid }) => oid === CRL))
})

test('the key identifiers are those of the keys', () => {
  const template = findTemplate(undefined, 'aws')
  const values = new Map(
    composeExtensions({ template, authority, csr, api: [] }).map(({ oid, value }) => [oid, Buffer.from(value)]),
  )
  const { subjectKeyIdentifier } = STAGE_CA.certificate
  assert.ok(subjectKeyIdentifier && values.get(AUTHORITY_KEY)?.includes(Buffer.from(subjectKeyIdentifier)))
  assert.equal(values.get(SUBJECT_KEY)?.length, 22)
})
