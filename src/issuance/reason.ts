/** `authority-ends-first` as the reason of an event or a condition: `AuthorityEndsFirst`. */
export function reasonOf(code: string): string {
  return code
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('')
}
