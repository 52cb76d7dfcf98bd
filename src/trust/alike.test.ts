import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TAG } from '../pki/der-reader.ts'
import { element, objectIdentifier, sequence, setOf } from '../pki/der-writer.ts'
import { parseName } from '../pki/name.ts'
import { testName } from '../testing/names.ts'
import { alikeNames } from './alike.ts'

function printable(value: string): ReturnType<typeof testName> {
  const attribute = sequence(objectIdentifier('2.5.4.3'), element(TAG.printableString, Buffer.from(value)))
  return parseName(sequence(setOf(attribute)), 'the test name')
}

const ROWS: readonly {
  readonly a: ReturnType<typeof testName>
  readonly b: ReturnType<typeof testName>
  readonly alike: boolean
}[] = [
  { a: testName('CN=Root'), b: testName('CN=Root'), alike: true },
  { a: testName('CN=Root'), b: printable('Root'), alike: true },
  { a: testName('CN=Root'), b: testName('CN=ROOT'), alike: true },
  { a: testName('CN=Mesh Root'), b: testName('CN= Mesh   Root '), alike: true },
  { a: testName('CN=Mesh Root'), b: testName('CN=MeshRoot'), alike: false },
  { a: testName('CN=Root,O=A'), b: testName('CN=Root,O=B'), alike: false },
  { a: testName('CN=Root,O=A'), b: testName('O=A,CN=Root'), alike: false },
  { a: testName('CN=Root'), b: testName('OU=Root'), alike: false },
  { a: testName('CN=Root\\,O=A'), b: testName('CN=Root,O=A'), alike: false },
  { a: testName(''), b: testName(''), alike: true },
  { a: testName(''), b: testName('CN=Root'), alike: false },
]

for (const { a, b, alike } of ROWS) {
  test(`"${a.text}" and "${b.text}" are ${alike ? '' : 'not '}alike`, () => {
    assert.equal(alikeNames(a, b), alike)
    assert.equal(alikeNames(b, a), alike)
  })
}
