import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeFailures, readReport } from './report.ts'

const SPEC = {
  LeafNodeType: 'It',
  LeafNodeText: 'issues',
  ContainerHierarchyTexts: ['with issuer type X'],
  State: 'passed',
}

function reportOf(...specs: readonly object[]): string {
  return JSON.stringify([{ SpecReports: specs }])
}

it('sorts specs by what became of them', () => {
  const result = readReport(reportOf(SPEC, { ...SPEC, LeafNodeText: 'skips', State: 'skipped' }))
  assert.deepEqual(result, {
    passed: ['with issuer type X: issues'],
    skipped: ['with issuer type X: skips'],
    failed: [],
  })
})

it('tells what a failed spec expected and what its objects said', () => {
  const failed = {
    ...SPEC,
    State: 'failed',
    Failure: { Message: 'Expected 1', Location: { FileName: 'tests.go', LineNumber: 7 } },
    ReportEntries: [
      { Name: 'other', Value: { Representation: 'noise' } },
      { Name: 'objects', Value: { Representation: 'CertificateRequest a\n  Ready=False' } },
    ],
  }
  assert.equal(
    describeFailures(readReport(reportOf(failed))),
    'with issuer type X: issues\n  at tests.go:7\n  Expected 1\n  CertificateRequest a\n    Ready=False',
  )
})

for (const State of ['panicked', 'interrupted', 'aborted', 'timedout', 'unheard of']) {
  it(`counts a spec that ${State} as failed`, () => {
    const { failed } = readReport(reportOf({ ...SPEC, State }))
    assert.deepEqual(failed, [
      { name: 'with issuer type X: issues', message: `It ended as ${State}.`, where: 'an unknown place', objects: '' },
    ])
  })
}

it('does not overlook a failure outside the specs', () => {
  const before = { LeafNodeType: 'BeforeSuite', LeafNodeText: '', ContainerHierarchyTexts: null, State: 'failed' }
  assert.deepEqual(
    readReport(reportOf(SPEC, before)).failed.map(({ name }) => name),
    ['BeforeSuite'],
  )
})

it('refuses what is no report', () => {
  assert.throws(() => readReport('{}'))
})
