import { z } from 'zod'

/** What a run of the suites came to, by the names of the specs. */
export interface SuiteResult {
  readonly passed: readonly string[]
  readonly skipped: readonly string[]
  readonly failed: readonly FailedSpec[]
}

export interface FailedSpec {
  readonly name: string
  readonly message: string
  /** File and line of upstream's code. */
  readonly where: string
  /** What the objects of the spec said when it failed. */
  readonly objects: string
}

const location = z.object({ FileName: z.string(), LineNumber: z.number() })
const spec = z.object({
  LeafNodeType: z.string(),
  LeafNodeText: z.string(),
  ContainerHierarchyTexts: z.array(z.string()).nullish(),
  State: z.string(),
  Failure: z.object({ Message: z.string(), ForwardedPanic: z.string().nullish(), Location: location }).nullish(),
  ReportEntries: z
    .array(z.object({ Name: z.string(), Value: z.object({ Representation: z.string().nullish() }) }))
    .nullish(),
})
const report = z.array(z.object({ SpecReports: z.array(spec).nullish() }))

type Spec = z.infer<typeof spec>

/** Reads Ginkgo's JSON report. A spec that neither passed nor was skipped counts as failed, whatever ended it. */
export function readReport(json: string): SuiteResult {
  const specs = report.parse(JSON.parse(json)).flatMap((suite) => suite.SpecReports ?? [])
  const its = specs.filter((one) => one.LeafNodeType === 'It' || !isQuiet(one.State))
  return {
    passed: its.filter((one) => one.State === 'passed').map(nameOf),
    skipped: its.filter((one) => one.State === 'skipped' || one.State === 'pending').map(nameOf),
    failed: its.filter((one) => !isQuiet(one.State)).map(failureOf),
  }
}

/** The failed specs in words, one paragraph each. */
export function describeFailures(result: SuiteResult): string {
  return result.failed
    .map(({ name, message, where, objects }) => `${name}\n  at ${where}\n${indented(message)}\n${indented(objects)}`)
    .join('\n\n')
}

function isQuiet(state: string): boolean {
  return state === 'passed' || state === 'skipped' || state === 'pending'
}

function nameOf(one: Spec): string {
  return [...(one.ContainerHierarchyTexts ?? []), one.LeafNodeText].filter((text) => text !== '').join(': ')
}

function failureOf(one: Spec): FailedSpec {
  const { Failure: failure } = one
  const objects = (one.ReportEntries ?? []).filter((entry) => entry.Name === 'objects')
  return {
    name: nameOf(one) || one.LeafNodeType,
    message: [failure?.Message, failure?.ForwardedPanic].filter(Boolean).join(': ') || `It ended as ${one.State}.`,
    where: failure ? `${failure.Location.FileName}:${failure.Location.LineNumber}` : 'an unknown place',
    objects: objects.map((entry) => entry.Value.Representation ?? '').join('\n'),
  }
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ').trimEnd()
}
