import type { Finding } from '../doctor/finding.ts'
import { count } from '../doctor/words.ts'

/** Columns of everything that is printed as prose. */
const WIDTH = 100

/** Breaks at spaces; each line is indented, and no word is cut. */
export function wrap(text: string, indent: string, width = WIDTH): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((one) => `${indent}${one}\n`).join('')
}

const LABEL = 13

/** One labelled fact, its further lines below its first word. */
export function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL)}${wrap(text, ' '.repeat(LABEL + 2)).trimStart()}`
}

const INDENT = ' '.repeat(9)
const TITLES: Readonly<Record<Finding['severity'], string>> = { problem: 'PROBLEM', warning: 'WARNING' }

/** Each finding as a paragraph, an empty line before it. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(
      ({ code, severity, what, where, remedy }) =>
        `\n${TITLES[severity]}  ${code}  ${where}\n${wrap(`${capital(what)}.`, INDENT)}${wrap(`Remedy: ${remedy}.`, INDENT)}`,
    )
    .join('')
}

/** `no findings`, or `2 problems, 1 warning`. */
export function summary(findings: readonly Finding[]): string {
  const of = (severity: Finding['severity']): number => findings.filter((one) => one.severity === severity).length
  const parts = [
    ...(of('problem') > 0 ? [count(of('problem'), 'problem')] : []),
    ...(of('warning') > 0 ? [count(of('warning'), 'warning')] : []),
  ]
  return parts.length === 0 ? 'no findings' : parts.join(', ')
}

export interface Column {
  readonly title: string
  /** A longer value is cut in its middle. */
  readonly most: number
}

/** Rows below their titles, two spaces between the columns; no line ends with spaces. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map(({ most }, index) => cut(row[index] ?? '', most)))
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  )
  const print = (row: readonly string[]): string =>
    `${row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()}\n`
  return [columns.map(({ title }) => title), ...cells].map(print).join('')
}

/** The middle gives way: names of clusters and objects differ at their ends. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const tail = Math.floor((most - 1) * 0.6)
  return `${text.slice(0, most - 1 - tail)}…${text.slice(text.length - tail)}`
}

function capital(text: string): string {
  return /^[a-z][a-z]* /.test(text) && !text.startsWith('istiod')
    ? `${text.charAt(0).toUpperCase()}${text.slice(1)}`
    : text
}

/** `2027-02-21 12:00`, in UTC: seconds help nobody here. */
export function minute(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace('T', ' ')
}
