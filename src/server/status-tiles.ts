import { type Html, html } from './html.ts'
import type { Overview } from './overview.ts'
import { countWords, spanWords, whenWords } from './words.ts'

/** A PKI answers within seconds, so what waits for this long waits for somebody. */
const LONG_WAIT_MS = 60_000

interface Tile {
  readonly href: string
  readonly tone: 'good' | 'warn' | 'bad' | 'none'
  readonly head: string
  readonly words: string
}

/** The page in four boxes: what is wrong, what ends, what waits, what failed. */
export function statusTiles(overview: Overview): readonly Html[] {
  const all = [issuersTile(overview), endTile(overview), requestsTile(overview), failuresTile(overview)]
  return all.map(
    ({ href, tone, head, words }) => html`<li class="${tone}"><a href="${href}"><b>${head}</b></a>${words}</li>\n`,
  )
}

function issuersTile({ issuers }: Overview): Tile {
  const signing = issuers.filter(({ state }) => state === 'ready' || state === 'held').length
  const head = `${signing} of ${countWords(issuers.length, 'issuer')} can sign`
  const tile = { href: '#issuers', head }
  if (issuers.length === 0) return { ...tile, tone: 'none', head: 'No issuers', words: 'Apply one to begin.' }
  if (issuers.some(({ state }) => state === 'not ready'))
    return { ...tile, tone: 'bad', words: 'What is wrong stands below.' }
  if (issuers.some(({ problems }) => problems.length > 0))
    return { ...tile, tone: 'warn', words: 'What needs attention stands below.' }
  return { ...tile, tone: 'good', words: 'Nothing is wrong with them.' }
}

function endTile({ intermediates, at }: Overview): Tile {
  const [first] = intermediates
  const due = intermediates.filter(({ renewalAt }) => renewalAt !== undefined && renewalAt <= at).length
  const head = `${countWords(intermediates.length, 'intermediate')} in use`
  const words =
    first?.notAfter === undefined ? 'No end is known yet.' : `The first ends ${whenWords(first.notAfter, at)}.`
  return {
    href: '#intermediates',
    tone: due > 0 ? 'warn' : 'none',
    head,
    words: due === 0 ? words : `${due} due for renewal. ${words}`,
  }
}

function requestsTile({ requests: { counts, inFlight }, at }: Overview): Tile {
  const unapproved = counts.reduce((sum, { states }) => sum + states.unapproved, 0)
  const awaiting = unapproved === 0 ? '' : ` ${unapproved} not approved yet.`
  const [oldest] = inFlight
  if (oldest === undefined) {
    const words = unapproved === 0 ? 'All are settled.' : awaiting.trimStart()
    return { href: '#requests', tone: unapproved === 0 ? 'good' : 'none', head: 'No request waits', words }
  }
  const waited = at - oldest.approvedAt
  const head = `${countWords(inFlight.length, 'request')} in flight`
  return {
    href: '#requests',
    tone: waited > LONG_WAIT_MS ? 'warn' : 'none',
    head,
    words: `The oldest for ${spanWords(waited)}.${awaiting}`,
  }
}

function failuresTile({ failures, at }: Overview): Tile {
  const [last] = failures
  if (last === undefined)
    return { href: '#failures', tone: 'good', head: 'No failures', words: 'Since this process started.' }
  const head = countWords(failures.length, 'recent failure')
  return { href: '#failures', tone: 'none', head, words: `The last ${whenWords(last.at, at)}.` }
}
