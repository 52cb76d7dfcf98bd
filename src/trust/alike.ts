import type { Name } from '../pki/name.ts'

/**
 * Whether some verifier takes one name for the other: Go compares the bytes, OpenSSL and BoringSSL fold the case of letters,
 * runs of spaces and the types of strings (crypto/x509/x_name.c).
 */
export function alikeNames(a: Name, b: Name): boolean {
  return folded(a) === folded(b)
}

function folded({ text }: Name): string {
  return text
    .replace(/(?:\\? )+/g, ' ')
    .replace(/ ?([=,+]) ?/g, '$1')
    .trim()
    .toLowerCase()
}
