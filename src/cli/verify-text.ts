import { formatTime } from '../api/time.ts'
import type { CacertsReport } from '../doctor/cacerts.ts'
import type { EntryNames } from '../doctor/cacerts-names.ts'
import type { Verdict } from '../doctor/cacerts-path.ts'
import { span } from '../doctor/words.ts'
import type { Certificate } from '../pki/certificate.ts'
import { findingsText, minute, summary, wrap } from './text.ts'

const FORMATS: Readonly<Record<EntryNames['format'], string>> = {
  'cert-manager': "with cert-manager's names",
  Istio: "with Istio's own names",
  PEM: 'as loose PEM',
}

/** What `verify` prints for people. */
export function verifyText(report: CacertsReport, source: string, now: number): string {
  const { format, certificate, above, root, roots, start, trials, findings } = report
  const lines = [
    `${source}, ${FORMATS[format]}\n\n`,
    ...(certificate === undefined ? [] : [authority(certificate, now)]),
    ...above.map((one) => row('below', `${one.subject.text}, ends ${minute(one.notAfter)}`)),
    ...(root === undefined
      ? []
      : [row('root', `${root.subject.text}, sha256 ${root.fingerprint.slice(0, 16)}, ends ${minute(root.notAfter)}`)]),
    ...roots
      .filter((one) => one.fingerprint !== root?.fingerprint)
      .map((one) => row('trusted too', `${one.subject.text}, sha256 ${one.fingerprint.slice(0, 16)}`)),
    '\n',
    verdict('an istiod that starts now', start, 'loads it'),
    verdict("a workload's certificate, as server", trials.workloadServer),
    verdict("a workload's certificate, as client", trials.workloadClient),
    verdict("istiod's own serving certificate", trials.istiodServer),
    findingsText(findings),
    `\n${summary(findings)}\n`,
  ]
  return lines.join('')
}

const LABEL = 13

function row(label: string, text: string): string {
  return `  ${label.padEnd(LABEL)}${wrap(text, ' '.repeat(LABEL + 2)).trimStart()}`
}

function authority(certificate: Certificate, now: number): string {
  const { subject, publicKey, basicConstraints, fingerprint, notBefore, notAfter } = certificate
  const kind =
    basicConstraints?.cA !== true
      ? 'no CA'
      : basicConstraints.pathLength === undefined
        ? 'CA without a path length'
        : `CA of path length ${basicConstraints.pathLength}`
  const left = notAfter > now ? `ends in ${span(notAfter - now)}` : 'has ended'
  return (
    row('CA', subject.text) +
    row('', `${publicKey.description}, ${kind}, sha256 ${fingerprint.slice(0, 16)}`) +
    row('', `${minute(notBefore)} to ${minute(notAfter)} UTC, ${left}`)
  )
}

const QUESTION = 40

function verdict(question: string, answer: Verdict, fine = 'is accepted'): string {
  const told =
    answer === undefined ? 'not reached' : answer.ok ? fine : fine === 'is accepted' ? 'IS REFUSED' : 'DOES NOT LOAD IT'
  return `  ${question.padEnd(QUESTION)}${told}\n`
}

/** The same for programs. Instants are RFC 3339; a verdict that was not reached is null. */
export function verifyJson(report: CacertsReport, source: string): unknown {
  const { format, certificate, above, root, roots, start, trials, findings } = report
  const told = (answer: Verdict) =>
    answer === undefined ? null : answer.ok ? { accepted: true } : { accepted: false, because: answer.because }
  return {
    source,
    format,
    certificate: certificate === undefined ? null : certificateJson(certificate),
    above: above.map(certificateJson),
    root: root === undefined ? null : certificateJson(root),
    trusted: roots.map(certificateJson),
    verdicts: {
      start: told(start),
      workloadServer: told(trials.workloadServer),
      workloadClient: told(trials.workloadClient),
      istiodServer: told(trials.istiodServer),
    },
    findings,
  }
}

export function certificateJson({
  subject,
  serialNumber,
  fingerprint,
  notBefore,
  notAfter,
  publicKey,
  basicConstraints,
}: Certificate) {
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
