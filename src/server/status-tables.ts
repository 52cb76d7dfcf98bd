import { type Html, html } from './html.ts'
import type { FailureView, IntermediateView, IssuerView, LinkView, Overview, RequestView } from './overview.ts'
import { instant, instantWithSpan, lifeBar, shortFingerprint, tableSection } from './status-pieces.ts'
import { countWords, spanWords } from './words.ts'

const MARKS: Readonly<Record<IssuerView['state'], readonly [tone: string, mark: string, words: string]>> = {
  ready: ['good', '✓', 'Ready'],
  held: ['warn', '‖', 'Change of trust held back'],
  unchecked: ['warn', '…', 'Not checked yet'],
  'not ready': ['bad', '✗', 'Not ready'],
}

const ROLES: Readonly<Record<LinkView['role'], string>> = { signs: 'signs', between: 'above it', root: 'root' }

export function issuersTable({ issuers, at }: Overview, omitted: number): Html {
  return tableSection({
    id: 'issuers',
    title: 'Issuers',
    about: 'Those with a problem first, then those whose CA ends first.',
    columns: ['Issuer', 'State', 'What is wrong', 'From the CA that signs to its root', 'Issued last'],
    rows: issuers.map((issuer) => issuerRow(issuer, at)),
    empty: 'There is no MeshCAIssuer and no MeshCAClusterIssuer yet.',
    omitted,
  })
}

function issuerRow(issuer: IssuerView, now: number): Html {
  const { kind, namespace, name, backend, state, problems, chain, lastIssuance } = issuer
  const [tone, mark, words] = problems.length > 0 && state === 'ready' ? ['warn', '!', 'Ready, for now'] : MARKS[state]
  const title = namespace === undefined ? name : `${namespace}/${name}`
  const last = lastIssuance && html`${instant(lastIssuance.at)}<br><span class="quiet">${lastIssuance.request}</span>`
  return html`<tr><th scope="row">${title}<br><span class="quiet">${kind}, ${backend}</span></th>
<td><span class="state ${tone}"><span aria-hidden="true">${mark} </span>${words}</span></td>
<td class="words">${problems.map((problem) => html`<p>${problem}</p>`)}</td>
<td>${chain.length === 0 ? html`<span class="quiet">not known</span>` : html`<ol>${chain.map((link) => chainLink(link, now))}</ol>`}</td>
<td>${last}</td></tr>
`
}

function chainLink(link: LinkView, now: number): Html {
  return html`<li><span class="quiet">${ROLES[link.role]}:</span> ${link.subject}${lifeBar(link, now)}</li>`
}

export function intermediatesTable({ intermediates, at }: Overview, omitted: number): Html {
  return tableSection({
    id: 'intermediates',
    title: 'Intermediates in use',
    about:
      "What the Certificates of mesh CAs carry. Renewal is by cert-manager's default, two thirds into a life; a Certificate with renewBefore has its own.",
    columns: ['Certificate', 'Issuer', 'Life', 'Next renewal', 'Roots'],
    rows: intermediates.map((intermediate) => intermediateRow(intermediate, at)),
    empty: 'No Certificate of a mesh CA was issued yet.',
    omitted,
  })
}

function intermediateRow(intermediate: IntermediateView, now: number): Html {
  const { certificate, issuer, renewalAt, signerRoot, roots, carriedSince } = intermediate
  return html`<tr><th scope="row">${certificate}</th>
<td>${issuer}</td>
<td>${lifeBar(intermediate, now)}</td>
<td>${renewal(renewalAt, now)}</td>
<td>signed under ${shortFingerprint(signerRoot)}, one of ${roots.length} in its ca.crt<br><span class="quiet">so since ${instant(carriedSince)}</span></td></tr>
`
}

function renewal(at: number | undefined, now: number): Html {
  if (at === undefined) return html`<span class="quiet">not known</span>`
  if (at > now) return html`${instantWithSpan(at, now)}`
  return html`<span class="state warn"><span aria-hidden="true">! </span>due for ${spanWords(now - at)}</span>`
}

export function requestsTable({ requests: { counts, inFlight }, at }: Overview, omitted: number): Html {
  const elsewhere = counts.reduce((sum, { states }) => sum + states.elsewhere, 0)
  const left = `${countWords(elsewhere, 'more request')} left to the installation that serves their issuers.`
  return tableSection({
    id: 'requests',
    title: 'Requests in flight',
    about: `Approved and not settled, the oldest first.${elsewhere === 0 ? '' : ` ${left}`}`,
    columns: ['Request', 'Issuer', 'Approved', 'Why it waits'],
    rows: inFlight.map((request) => requestRow(request, at)),
    empty: 'No approved request waits.',
    omitted,
  })
}

function requestRow({ kind, request, issuer, approvedAt, message }: RequestView, now: number): Html {
  return html`<tr><th scope="row">${request}<br><span class="quiet">${kind}</span></th>
<td>${issuer}</td>
<td>${instantWithSpan(approvedAt, now)}</td>
<td class="words">${message}</td></tr>
`
}

export function failuresTable({ failures, at }: Overview): Html {
  return tableSection({
    id: 'failures',
    title: 'Recent failures',
    about: 'The last fifty that this process met since its start, the newest first.',
    columns: ['When', 'What', 'Reason', 'In words'],
    rows: failures.map((failure) => failureRow(failure, at)),
    empty: 'None since this process started.',
  })
}

function failureRow({ at, subject, reason, message, times }: FailureView, now: number): Html {
  const often = times === 1 ? undefined : html` <span class="quiet">(${times} times)</span>`
  return html`<tr><td>${instantWithSpan(at, now)}</td>
<th scope="row">${subject}</th>
<td>${reason}${often}</td>
<td class="words">${message}</td></tr>
`
}
