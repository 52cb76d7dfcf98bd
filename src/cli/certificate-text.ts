import { formatTime } from '../api/time.ts'
import { span } from '../doctor/words.ts'
import type { Certificate } from '../pki/certificate.ts'
import { labelled, minute } from './text.ts'

/** The first 16 digits of a fingerprint: enough to compare by eye. */
export function shortPrint({ fingerprint }: Certificate): string {
  return `sha256 ${fingerprint.slice(0, 16)}`
}

/** A CA with all that matters of it. */
export function authorityText(certificate: Certificate, now: number): string {
  const { subject, publicKey, notBefore, notAfter } = certificate
  const left = notAfter > now ? `ends in ${span(notAfter - now)}` : 'has ended'
  return (
    labelled('CA', subject.text) +
    labelled('', `${publicKey.description}, ${kindOf(certificate)}, ${shortPrint(certificate)}`) +
    labelled('', `${minute(notBefore)} to ${minute(notAfter)} UTC, ${left}`)
  )
}

/** The CAs above it. */
export function aboveText(above: readonly Certificate[], root: Certificate | undefined): string {
  const between = above.map((one) => labelled('below', `${one.subject.text}, ends ${minute(one.notAfter)}`))
  if (root === undefined) return between.join('')
  return between.join('') + labelled('root', `${root.subject.text}, ${shortPrint(root)}, ends ${minute(root.notAfter)}`)
}

function kindOf({ basicConstraints }: Certificate): string {
  if (basicConstraints?.cA !== true) return 'no CA'
  const { pathLength } = basicConstraints
  return pathLength === undefined ? 'CA without a path length' : `CA of path length ${pathLength}`
}

/** A certificate for programs; a path length that is not limited is null. */
export function certificateJson(certificate: Certificate) {
  const { subject, serialNumber, fingerprint, notBefore, notAfter, publicKey, basicConstraints } = certificate
  return {
    subject: subject.text,
    serialNumber,
    fingerprint,
    notBefore: formatTime(notBefore),
    notAfter: formatTime(notAfter),
    key: publicKey.description,
    pathLength: basicConstraints?.pathLength ?? null,
  }
}
