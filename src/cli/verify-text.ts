import type { CacertsReport } from '../doctor/cacerts.ts'
import type { EntryNames } from '../doctor/cacerts-names.ts'
import type { Verdict } from '../doctor/cacerts-path.ts'
import { aboveText, authorityText, certificateJson, shortPrint } from './certificate-text.ts'
import { findingsText, labelled, summary } from './text.ts'

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
    ...(certificate === undefined ? [] : [authorityText(certificate, now)]),
    aboveText(above, root),
    ...roots
      .filter((one) => one.fingerprint !== root?.fingerprint)
      .map((one) => labelled('trusted too', `${one.subject.text}, ${shortPrint(one)}`)),
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
