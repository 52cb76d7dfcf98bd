/** A row of the result: a figure, and the goal that it is held against. */
export interface Row {
  readonly what: string
  readonly value: string
  readonly goal?: Goal
}

export interface Goal {
  readonly text: string
  readonly met: boolean
}

/** A Markdown table with columns of even width. */
export function markdownTable(rows: readonly Row[]): string {
  const cells = rows.map(({ what, value, goal }) => [
    what,
    value,
    goal === undefined ? '' : `${goal.text}: ${goal.met ? 'met' : '**missed**'}`,
  ])
  const all = [['figure', 'measured', 'goal'], ...cells]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [line(all[0] ?? []), rule, ...all.slice(1).map(line)].join('\n')
}

export function atMost(limit: number, value: number, unit: string): Goal {
  return { text: `at most ${Number(limit.toFixed(2))} ${unit}`, met: value <= limit }
}

export function atLeast(limit: number, value: number): Goal {
  return { text: `at least ${limit}`, met: value >= limit }
}
