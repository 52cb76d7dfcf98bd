import type { ChartSection, ChartValue, Schema } from './generate-chart-values.ts'

/** What Helm itself puts among the values of a chart that another depends on. */
const FROM_PARENT: Readonly<Record<string, Schema>> = {
  global: { type: 'object', description: 'Values of a parent chart, for all its charts; not used here.' },
  enabled: {
    type: 'boolean',
    description: 'For the condition of a parent chart that depends on this one; not used here.',
  },
}

/** values.schema.json: what is not in values.yaml is refused. */
export function valuesSchema(sections: readonly ChartSection[]): string {
  const values = sections.flatMap((section) => section.values)
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart mesh-ca-issuer',
    type: 'object',
    additionalProperties: false,
    properties: { ...propertiesOf(values), ...FROM_PARENT },
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function propertiesOf(values: readonly ChartValue[]): Readonly<Record<string, Schema>> {
  return Object.fromEntries(values.map((value) => [value.name, schemaOf(value)]))
}

function schemaOf({ help, narrowed, standard, members }: ChartValue): Schema {
  const description = help === '' ? {} : { description: help }
  if (members === undefined) return { ...description, type: typeOf(standard), default: standard, ...narrowed }
  return { ...description, type: 'object', additionalProperties: false, properties: propertiesOf(members) }
}

function typeOf(standard: unknown): string {
  if (Array.isArray(standard)) return 'array'
  return typeof standard === 'number' ? 'integer' : typeof standard
}

const INTRODUCTION = `<!-- Made by \`npm run generate\` from values.yaml. Do not edit. -->
# Chart mesh-ca-issuer

Installs the controller with its CustomResourceDefinitions and the least rights that work. How to install, upgrade and uninstall:
[docs/install.md](../../docs/install.md).

What is not in the tables below is refused.
`

/** README.md: a table of values for each heading. */
export function chartReadme(sections: readonly ChartSection[]): string {
  const chapters = sections.map(({ title, values }) => {
    const rows = values.flatMap(rowsOf)
    return `## ${title}\n\n| value | default | |\n|---|---|---|\n${rows.map((row) => `${row}\n`).join('')}`
  })
  return [INTRODUCTION, ...chapters].join('\n')
}

function rowsOf({ path, help, standard, members }: ChartValue): readonly string[] {
  const row = (shown: string): string =>
    `| \`${path}\` | ${shown} | ${help.replaceAll('|', '\\|')} |`.replaceAll('  |', ' |')
  if (members === undefined) return [row(`\`${JSON.stringify(standard)}\``)]
  return [...(help === '' ? [] : [row('')]), ...members.flatMap(rowsOf)]
}
