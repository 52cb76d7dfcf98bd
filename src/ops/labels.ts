/** The values that a label may have; any other becomes `other`, so that nobody outside decides how many series there are. */
export const LABEL_VALUES = {
  backend: ['AWSPrivateCA', 'Vault', 'CA'],
  kind: ['CertificateRequest', 'CertificateSigningRequest'],
  outcome: ['Issued', 'Pending', 'Failed', 'Denied'],
  signed: ['issued', 'pending', 'refused', 'failed'],
  operation: ['IssueCertificate', 'GetCertificate'],
  what: ['throttled', 'retried', 'login', 'stray'],
} as const

export const OTHER = 'other'

/** The value where it is in the list, else `other`. */
export function oneOf(list: readonly string[], value: string): string {
  return list.includes(value) ? value : OTHER
}

/** Far more reasons than the program has. */
const MOST_REASONS = 128

/**
 * Reasons are constants of the code, but each back end has its own: whatever looks like one is let through until there are
 * far too many.
 */
export function boundedReasons(): (reason: string) => string {
  const known = new Set<string>()
  return (reason) => {
    const name = reason.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (known.has(name)) return name
    if (known.size >= MOST_REASONS || !/^[A-Z][A-Za-z0-9]{0,62}$/.test(name)) return OTHER
    known.add(name)
    return name
  }
}
