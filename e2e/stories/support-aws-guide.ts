import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Permission, Trust } from '../../src/testing/fakes/acm-pca/options.ts'
import { parseObjects } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'

/** A fenced block of docs/aws-private-ca.md. */
export interface GuideBlock {
  /** The heading above it. */
  readonly section: string
  readonly language: string
  readonly text: string
}

/** An IAM policy as far as the guide uses its language. */
export interface Policy {
  readonly Version: string
  readonly Statement: readonly Statement[]
}

interface Statement {
  readonly Effect: 'Allow'
  readonly Action: OneOrMany
  readonly Resource?: OneOrMany
  readonly Principal?: { readonly AWS?: string; readonly Federated?: string; readonly Service?: string }
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, OneOrMany>> }
}

export interface GuideIssuer extends KubeObject {
  readonly spec: { readonly awsPrivateCA: object }
}

export function isIssuer(object: KubeObject): object is GuideIssuer {
  return object.apiVersion === 'meshca.dev/v1alpha1'
}

type OneOrMany = string | readonly string[]

const ROOT = join(import.meta.dirname, '..', '..')
const PART = /^#+ (?<section>.+)$|^```(?<language>\w*)\n(?<text>[\s\S]*?)^```$/gm
const TEMPLATE = 'arn:aws:acm-pca:::template/'
const TAG = 'aws:RequestTag/'

/** The blocks below the headings that begin so. */
export function below(beginning: string): readonly GuideBlock[] {
  const found = readAwsGuide().filter(({ section }) => section.startsWith(beginning))
  assert.notEqual(found.length, 0, `the guide has no block below a heading ${beginning}`)
  return found
}

function guideText(): string {
  return readFileSync(join(ROOT, 'docs', 'aws-private-ca.md'), 'utf8')
}

/** What the table of messages quotes, from the first column. */
export function quotedMessages(): readonly string[] {
  const [, table = ''] = guideText().split('| the message says |')
  const cells = [...table.matchAll(/^\| (`.*?`) \|/gm)].map(([, cell = '']) => cell)
  return cells.flatMap((cell) => cell.slice(1, -1).split('`, `'))
}

/** The text of everything that the program could say. */
export function messagesInSources(): string {
  const files = globSync('src/**/*.ts', { cwd: ROOT, exclude: ['**/*.test.ts', 'src/testing/**'] })
  return files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
}

function readAwsGuide(): readonly GuideBlock[] {
  const guide = guideText()
  let heading = ''
  return [...guide.matchAll(PART)].flatMap(({ groups = {} }) => {
    const { section, language = '', text = '' } = groups
    if (section !== undefined) heading = section
    return section === undefined ? [{ section: heading, language, text }] : []
  })
}

export function manifestsOf(blocks: readonly GuideBlock[]): readonly KubeObject[] {
  return blocks.filter(({ language }) => language === 'yaml').flatMap(({ text }) => parseObjects(text))
}

export function policiesOf(blocks: readonly GuideBlock[]): readonly Policy[] {
  return blocks.filter(({ language }) => language === 'json').map(({ text }): Policy => JSON.parse(text))
}

export function actionsOf({ Statement }: Policy): readonly string[] {
  return Statement.flatMap(({ Action }) => many(Action))
}

/** One policy below a heading. */
export function policy(section: string, turn = 0): Policy {
  return policiesOf(below(section))[turn] ?? assert.fail(`${section} has too few policies`)
}

/** The first manifest below a heading, of this kind if one is named. */
export function manifest(section: string, kind?: string): KubeObject {
  const found = manifestsOf(below(section)).find((object) => kind === undefined || object.kind === kind)
  return found ?? assert.fail(`${section} has no ${kind ?? 'manifest'}`)
}

/** What a policy allows, as the fake takes it. */
export function permissionsOf({ Statement }: Policy): readonly Permission[] {
  return Statement.map(({ Action, Resource = [], Condition }) => {
    const templates = Condition?.StringEquals['acm-pca:TemplateArn']
    return {
      actions: many(Action).map((action) => action.replace(/^acm-pca:/, '')),
      resources: many(Resource),
      ...(templates && { templates: many(templates).map((arn) => arn.replace(TEMPLATE, '')) }),
    }
  })
}

/** Whom a trust policy of one statement lets in; `issuer` stands for the identity provider that it names. */
export function trustOf({ Statement }: Policy, issuer: string): Trust {
  const [{ Principal = {}, Condition } = { Principal: {} }, ...others] = Statement
  if (others.length > 0) throw new Error('A trust policy of the guide has more than one statement.')
  const asked = Object.entries(Condition?.StringEquals ?? {}).map(([key, value]) => [key, many(value)] as const)
  const value = (ending: string): string | undefined => asked.find(([key]) => key.endsWith(ending))?.[1][0]
  const tags = asked.filter(([key]) => key.startsWith(TAG)).map(([key, [tag = '']]) => [key.slice(TAG.length), tag])
  const [externalId, audience] = [value('sts:ExternalId'), value(':aud')]
  return {
    principals: many(Principal.AWS ?? []),
    ...(externalId && { externalId }),
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
    ...(Principal.Federated && {
      webIdentity: {
        issuer,
        ...(audience && { audience }),
        subjects: asked.find(([key]) => key.endsWith(':sub'))?.[1] ?? [],
      },
    }),
  }
}

function many(value: OneOrMany): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
