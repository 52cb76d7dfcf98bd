import { parse } from 'yaml'

/** JSON Schema, as far as the chart uses it. */
export type Schema = Readonly<Record<string, unknown>>

/** One value of the chart, or a group of them. */
export interface ChartValue {
  /** As in `--set`: `image.tag`. */
  readonly path: string
  readonly name: string
  /** Words of its comment. */
  readonly help: string
  /** What `@schema` says of it. */
  readonly narrowed: Schema
  readonly standard: unknown
  /** The values of a group; undefined where it is a value itself. */
  readonly members: readonly ChartValue[] | undefined
}

/** Values under one `##` heading. */
export interface ChartSection {
  readonly title: string
  readonly values: readonly ChartValue[]
}

interface Comment {
  readonly section: string
  readonly help: string
  readonly narrowed: Schema
}

const MARK = '@schema '

/**
 * Reads a commented values.yaml: the comment above a key tells what it does.
 * @throws {Error} naming a value without a comment, a heading too few, or what cannot be parsed
 */
export function chartValues(yaml: string): readonly ChartSection[] {
  const comments = commentsOf(yaml)
  const values = valuesOf(parse(yaml), '', comments)
  const titles = [...new Set(values.map(({ path }) => commentOf(comments, path).section))]
  return titles.map((title) => ({
    title,
    values: values.filter(({ path }) => commentOf(comments, path).section === title),
  }))
}

function valuesOf(group: unknown, above: string, comments: ReadonlyMap<string, Comment>): readonly ChartValue[] {
  if (!isGroup(group)) throw new Error(`values.yaml: ${above || 'the whole'} is not a group of values.`)
  return Object.entries(group).map(([name, standard]) => {
    const path = above === '' ? name : `${above}.${name}`
    const { help, narrowed } = commentOf(comments, path)
    const members = isGroup(standard) && !isFree(standard, narrowed) ? valuesOf(standard, path, comments) : undefined
    const groupSaysIt = name === 'enabled' && commentOf(comments, above).help !== ''
    if (help === '' && members === undefined && !groupSaysIt)
      throw new Error(`values.yaml: nothing is said above ${path}.`)
    return { path, name, help, narrowed, standard, members }
  })
}

/** Whether users fill in members of their own. */
function isFree(standard: object, narrowed: Schema): boolean {
  return 'additionalProperties' in narrowed || Object.keys(standard).length === 0
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function commentOf(comments: ReadonlyMap<string, Comment>, path: string): Comment {
  return comments.get(path) ?? { section: '', help: '', narrowed: {} }
}

/** The comment above each key, by path; keys inside of lists may be among them, and nobody asks for those. */
function commentsOf(yaml: string): ReadonlyMap<string, Comment> {
  const comments = new Map<string, Comment>()
  let section = ''
  let above: string[] = []
  let path: readonly string[] = []
  for (const line of yaml.split('\n')) {
    const [, title] = /^## (.+)$/.exec(line) ?? []
    const [, words] = /^ *# ?(.*)$/.exec(line) ?? []
    const [, indent = '', key] = /^( *)([A-Za-z]\w*):/.exec(line) ?? []
    if (title !== undefined) section = title
    else if (words !== undefined) above.push(words)
    else {
      if (key !== undefined) {
        path = [...path.slice(0, indent.length / 2), key]
        comments.set(path.join('.'), { section, ...read(above, path.join('.')) })
      }
      above = []
    }
  }
  return comments
}

function read(lines: readonly string[], path: string): Pick<Comment, 'help' | 'narrowed'> {
  const schemas = lines.filter((line) => line.startsWith(MARK)).map((line) => schemaIn(line.slice(MARK.length), path))
  const help = lines.filter((line) => !line.startsWith(MARK)).join(' ')
  return { help: help.trim(), narrowed: Object.assign({}, ...schemas) }
}

function schemaIn(text: string, path: string): Schema {
  try {
    const schema: unknown = JSON.parse(text)
    if (isGroup(schema)) return schema
  } catch {
    // Told below.
  }
  throw new Error(`values.yaml: what ${MARK.trim()} says above ${path} is not a JSON object.`)
}
