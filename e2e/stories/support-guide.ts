import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A fenced block of a guide: a file that it shows, or a script that it tells to run. */
export type GuideBlock =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'script'; readonly text: string }

export interface GuideSection {
  readonly title: string
  readonly blocks: readonly GuideBlock[]
}

/** A heading outside of blocks, or a block with its language. */
const PART = /^#+ (?<title>.+)$|^```(?<language>\w*)\n(?<body>[\s\S]*?)^```$/gm

/** The sections of a Markdown text with their blocks of hcl, yaml and sh. A file's name stands in its first line, as a comment. */
export function sectionsOf(markdown: string): readonly GuideSection[] {
  const sections: { readonly title: string; readonly blocks: GuideBlock[] }[] = []
  for (const { groups = {} } of markdown.matchAll(PART)) {
    if (groups.title !== undefined) sections.push({ title: groups.title, blocks: [] })
    else sections.at(-1)?.blocks.push(...blockOf(groups.language ?? '', groups.body ?? ''))
  }
  return sections
}

function blockOf(language: string, text: string): readonly GuideBlock[] {
  if (language === 'sh') return [{ kind: 'script', text }]
  if (language !== 'hcl' && language !== 'yaml') return []
  const name = /^# (\S+)\n/.exec(text)?.[1]
  if (name === undefined) throw new Error(`A block does not name its file in its first line:\n${text}`)
  return [{ kind: 'file', name, text }]
}

/** Where and as whom a guide is followed. */
export interface Follower {
  readonly folder: string
  /** Of the scripts, all of it. */
  readonly environment: Readonly<Record<string, string>>
  /** Replaced in what is written and run: a reader's own values. */
  readonly values: Readonly<Record<string, string>>
}

/** Does what a section says, block by block; a command that fails ends it with what was said. */
export async function follow({ folder, environment, values }: Follower, section: GuideSection): Promise<void> {
  for (const block of section.blocks) {
    const text = Object.entries(values).reduce((all, [theirs, ours]) => all.replaceAll(theirs, ours), block.text)
    if (block.kind === 'file') await writeFile(join(folder, block.name), text)
    else await run('sh', ['-euxc', text], { cwd: folder, env: { ...environment } })
  }
}

export async function readGuide(name: string): Promise<readonly GuideSection[]> {
  return sectionsOf(await readFile(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8'))
}
