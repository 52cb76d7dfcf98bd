const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/** Reads an instant as the API server writes it (RFC 3339) as epoch milliseconds; `undefined` when it is something else. */
export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined || !RFC3339.test(text)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant
}

/** Writes an instant as `metav1.Time` does: RFC 3339 in UTC, whole seconds, the fraction cut off. */
export function formatTime(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`
}
