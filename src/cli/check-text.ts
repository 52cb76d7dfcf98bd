import { formatDuration } from '../api/duration.ts'
import { formatTime } from '../api/time.ts'
import type { SigningRequest } from '../backends/backend.ts'
import { signingWay } from '../doctor/dry-run.ts'
import { titleOf } from '../doctor/issuer-findings.ts'
import { count } from '../doctor/words.ts'
import { backendName } from '../issuance/backend-config.ts'
import type { Decision } from '../issuance/decide.ts'
import { aboveText, authorityText, certificateJson } from './certificate-text.ts'
import type { Checked } from './check-issuer.ts'
import { labelled, minute, wrap } from './text.ts'

const PARTS: Readonly<Record<string, string>> = {
  CredentialsReady: 'credentials',
  AuthorityReady: 'authority',
  TrustReady: 'trust',
}

/** What `check` prints for people. */
export function checkText(checked: Checked): string {
  const { issuer, health } = checked
  const parts = health.conditions.flatMap(({ type, status, reason, message }) => {
    const part = PARTS[type]
    if (part === undefined) return []
    return [labelled(part, status === 'True' ? `ok: ${message}` : `${reason}: ${message}`)]
  })
  return [
    `${titleOf(issuer)}, back end ${backendName(issuer.spec)}\n\n`,
    ...parts,
    ...authority(checked),
    '\n',
    ...outcome(checked),
    '\nNothing was signed.\n',
  ].join('')
}

function authority({ health: { authority: found, bundle }, now }: Checked): readonly string[] {
  if (found === undefined) return []
  const above = found.chain.filter(
    ({ fingerprint }) => ![found.certificate, found.root].some((one) => one.fingerprint === fingerprint),
  )
  return [
    '\n',
    authorityText(found.certificate, now),
    aboveText(above, found.root),
    ...(bundle === undefined
      ? []
      : [
          labelled(
            'ca.crt',
            `${count(bundle.roots.length, 'root')}, sha256 of its bytes ${bundle.sha256.slice(0, 16)}`,
          ),
        ]),
  ]
}

function outcome({ issuer, decision, namespace }: Checked): readonly string[] {
  const what = issuer.spec.profile === 'EndEntity' ? 'A Certificate' : 'A Certificate with isCA: true'
  const imagined = `${what} in namespace ${namespace} that leaves the rest to the issuer`
  if (decision.do !== 'sign')
    return [wrap(`${imagined} would not be signed (${decision.code}): ${decision.message}.`, '')]
  return [
    wrap(`${imagined} would be signed:`, ''),
    requestText(decision.request),
    labelled('by', signingWay(issuer.spec, decision.request)),
    ...(issuer.spec.awsPrivateCA === undefined ? [] : [labelled('allowed', NOT_TRIED)]),
  ]
}

const NOT_TRIED = 'not known: AWS has no dry run, so a missing permission shows at the first request'

function requestText(request: SigningRequest): string {
  const { notBefore, notAfter, pathLength, keyUsage, nameConstraints } = request
  return [
    labelled('life', `${formatDuration(notAfter - notBefore)}, to ${minute(notAfter)} UTC`),
    ...(pathLength === undefined ? [] : [labelled('path length', String(pathLength))]),
    labelled('usages', keyUsage.join(', ')),
    ...(nameConstraints === undefined ? [] : [labelled('names', "constrained by the issuer's spec.nameConstraints")]),
  ].join('')
}

/** The same for programs. What is not known is null; instants are RFC 3339. */
export function checkJson({ issuer, health, decision, namespace }: Checked): unknown {
  const { authority: found, bundle } = health
  return {
    issuer: { kind: issuer.kind, namespace: issuer.metadata.namespace ?? null, name: issuer.metadata.name },
    backend: backendName(issuer.spec),
    conditions: health.conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    authority: found === undefined ? null : certificateJson(found.certificate),
    chain: (found?.chain ?? []).map(certificateJson),
    root: found === undefined ? null : certificateJson(found.root),
    bundle: bundle === undefined ? null : { sha256: bundle.sha256, roots: bundle.roots.map(certificateJson) },
    request: { namespace, ...decisionJson(decision, issuer) },
  }
}

function decisionJson(decision: Decision, { spec }: Checked['issuer']) {
  if (decision.do !== 'sign') return { outcome: decision.do, code: decision.code, message: decision.message }
  const { isCA, notBefore, notAfter, pathLength, keyUsage, nameConstraints } = decision.request
  return {
    outcome: 'sign',
    isCA,
    notBefore: formatTime(notBefore),
    notAfter: formatTime(notAfter),
    pathLength: pathLength ?? null,
    keyUsage,
    constrained: nameConstraints !== undefined,
    by: signingWay(spec, decision.request),
  }
}
