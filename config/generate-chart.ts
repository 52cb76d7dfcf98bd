import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'
import { CLUSTER_ISSUER_KIND, GROUP, ISSUER_KIND, type IssuerKind, PLURALS } from '../src/api/names.ts'
import { customResourceDefinition } from './crd/definition.ts'
import { chartReadme, valuesSchema } from './generate-chart-pages.ts'
import { chartValues } from './generate-chart-values.ts'

const CONFIG = import.meta.dirname
const CHART = join(CONFIG, '..', 'charts', 'mesh-ca-issuer')

/** What Helm can only take from inside of the chart: folder here, folder there. */
const COPIES: readonly (readonly [pattern: string, to: string])[] = [
  ['alerts/rules.yaml', 'alerts'],
  ['dashboard/*.json', 'dashboards'],
]

/** Everything in the chart that follows from something else: path and content. */
export function chartFiles(): readonly (readonly [path: string, content: string])[] {
  const sections = chartValues(readFileSync(join(CHART, 'values.yaml'), 'utf8'))
  return [
    [join(CHART, 'values.schema.json'), valuesSchema(sections)],
    [join(CHART, 'README.md'), chartReadme(sections)],
    ...[ISSUER_KIND, CLUSTER_ISSUER_KIND].map((kind) => [crdPath(kind), crdTemplate(kind)] as const),
    ...COPIES.flatMap(([pattern, to]) =>
      globSync(pattern, { cwd: CONFIG }).map(
        (file) => [join(CHART, 'files', to, basename(file)), readFileSync(join(CONFIG, file), 'utf8')] as const,
      ),
    ),
  ]
}

function crdPath(kind: IssuerKind): string {
  return join(CHART, 'templates', 'crds', `${GROUP}_${PLURALS[kind]}.yaml`)
}

/** A template and not a file of `crds/`, which Helm installs once and never upgrades. */
function crdTemplate(kind: IssuerKind): string {
  const { apiVersion, kind: definition, metadata, spec } = customResourceDefinition(kind)
  return `{{- /* Made by \`npm run generate\` from src/api/schema. Do not edit. */ -}}
{{- if .Values.crds.enabled }}
apiVersion: ${apiVersion}
kind: ${definition}
metadata:
  name: ${metadata.name}
  labels:
    {{- include "mesh-ca-issuer.labels" . | nindent 4 }}
  {{- if .Values.crds.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
${escaped(stringify({ spec }, { lineWidth: 0, aliasDuplicateObjects: false }))}{{- end }}
`
}

function escaped(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}')
}
