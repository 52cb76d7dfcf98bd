/** `metav1.MicroTime` of an instant in epoch milliseconds. */
export function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z')
}
