import { type Html, html, type Piece } from './html.ts'
import type {
  FailureView,
  IntermediateView,
  IssuerView,
  LinkView,
  Overview,
  QuotaView,
  RequestCounts,
  RequestView,
} from './overview.ts'
import {
  instant,
  instantWithSpan,
  lifeBar,
  named,
  namedByTitle,
  type Omitted,
  shortFingerprint,
  span,
  tableSection,
} from './status-pieces.ts'
import { countWords, spanWords } from './words.ts'

type Cells = readonly Piece[]

const MARKS: Readonly<Record<IssuerView['state'], readonly [tone: string, mark: string, words: string]>> = {
  ready: ['good', '✓', 'Ready'],
  held: ['warn', '‖', 'Change of trust held back'],
  unchecked: ['warn', '…', 'Not checked yet'],
  'not ready': ['bad', '✗', 'Not ready'],
}

const ROLES: Readonly<Record<LinkView['role'], string>> = { signs: 'signs', between: 'above it', root: 'root' }

export function issuersTable({ issuers, at }: Overview, omitted: Omitted): Html {
  return tableSection({
    id: 'issuers',
    title: 'Issuers',
    about: 'Those with a problem first, then those whose CA ends first.',
    columns: ['Issuer', { title: 'State', wide: true }, { title: 'From the CA that signs to its root', wide: true }],
    rows: issuers.map((issuer) => issuerRow(issuer, at)),
    empty: 'There is no MeshCAIssuer and no MeshCAClusterIssuer yet. Apply one to begin: config/samples has some.',
    omitted,
  })
}

function issuerRow(issuer: IssuerView, now: number): Cells {
  const { kind, namespace, name, backend, state, problems, chain, quotas, lastIssuance } = issuer
  const [tone, mark, words] = problems.length > 0 && state === 'ready' ? ['warn', '!', 'Ready, for now'] : MARKS[state]
  return [
    named(namespace === undefined ? name : `${namespace}/${name}`, `${kind}, ${backend}`),
    html`<span class="state ${tone}"><span aria-hidden="true">${mark} </span>${words}</span>
${problems.map((problem) => html`<p>${problem}</p>`)}${quotas.map(waiting)}${lastIssuance && issuedLast(lastIssuance, now)}`,
    chain.length === 0
      ? html`<span class="quiet">not known</span>`
      : html`<ol class="chain">${chain.map((link) => chainLink(link, now))}</ol>`,
  ]
}

/** A quota that nobody waits for is for the metrics alone. */
function waiting({ operation, perSecond, waiting }: QuotaView): Html | undefined {
  if (waiting === 0) return undefined
  const rate = Math.round(perSecond * 10) / 10
  return html`<p>${countWords(waiting, 'request')} in line for ${operation}, ${rate} of which the PKI lets through in a second</p>`
}

function issuedLast({ at, request }: NonNullable<IssuerView['lastIssuance']>, now: number): Html {
  return html`<p class="quiet">issued last ${span(at, now)}: ${request}</p>`
}

function chainLink(link: LinkView, now: number): Html {
  return html`<li><span class="quiet">${ROLES[link.role]}</span> <span>${link.subject}</span> ${lifeBar(link, now)}</li>`
}

export function intermediatesTable({ intermediates, at }: Overview, omitted: Omitted): Html {
  return tableSection({
    id: 'intermediates',
    title: 'Intermediates in use',
    about:
      "What the Certificates of mesh CAs carry. Renewal is by cert-manager's default, two thirds into a life; a Certificate with renewBefore has its own.",
    columns: ['Certificate', 'Issuer', 'Life', 'Next renewal', 'Roots that it carries'],
    rows: intermediates.map((intermediate) => intermediateRow(intermediate, at)),
    empty: 'No Certificate of a mesh CA was issued yet.',
    omitted,
  })
}

function intermediateRow(intermediate: IntermediateView, now: number): Cells {
  const { certificate, issuer, renewalAt, signerRoot, roots, carriedSince } = intermediate
  return [
    certificate,
    namedByTitle(issuer),
    lifeBar(intermediate, now),
    renewal(renewalAt, now),
    html`signed under ${shortFingerprint(signerRoot)}, one of ${roots.length} in its ca.crt<br><span class="quiet">so since ${instant(carriedSince)}</span>`,
  ]
}

function renewal(at: number | undefined, now: number): Html {
  if (at === undefined) return html`<span class="quiet">not known</span>`
  if (at > now) return instantWithSpan(at, now)
  return html`<span class="state warn"><span aria-hidden="true">! </span>due for ${spanWords(now - at)}</span>`
}

export function requestsTable({ requests: { counts, inFlight }, at }: Overview, omitted: Omitted): Html {
  const total = (state: keyof RequestCounts['states']): number =>
    counts.reduce((sum, { states }) => sum + states[state], 0)
  const elsewhere = total('elsewhere')
  const left = `${countWords(elsewhere, 'more request')} left to the installation that serves their issuers.`
  return tableSection({
    id: 'requests',
    title: 'Requests in flight',
    about: `Approved and not settled, the oldest first; beside them ${total('unapproved')} not approved yet and ${total('settled')} settled.${elsewhere === 0 ? '' : ` ${left}`}`,
    columns: ['Request', 'Issuer', 'Approved', { title: 'Why it waits', wide: true }],
    rows: inFlight.map((request) => requestRow(request, at)),
    empty: 'No approved request waits.',
    omitted,
  })
}

function requestRow({ kind, request, issuer, approvedAt, message }: RequestView, now: number): Cells {
  return [named(request, kind), namedByTitle(issuer), instantWithSpan(approvedAt, now), message]
}

export function failuresTable({ failures, at }: Overview): Html {
  return tableSection({
    id: 'failures',
    title: 'Recent failures',
    about: 'The last fifty that this process met since its start, the newest first.',
    columns: ['What', 'When', 'Reason', { title: 'In words', wide: true }],
    rows: failures.map((failure) => failureRow(failure, at)),
    empty: 'None since this process started.',
  })
}

function failureRow({ at, subject, reason, message, times }: FailureView, now: number): Cells {
  const often = times === 1 ? undefined : html` <span class="quiet line">(${times} times)</span>`
  return [namedByTitle(subject), instantWithSpan(at, now), html`${reason}${often}`, message]
}
