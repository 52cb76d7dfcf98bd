import { toLatin1 } from './bytes.ts'
import { formatCidr, ipInRange, mappedV4, parseCidr, parseIp, rangeInRange } from './ip.ts'

/** What one kind of name constraint means. Subtrees and names are text; subtrees are in the form that `decode` gives. */
export interface SubtreeKind {
  readonly encode: (subtree: string) => Uint8Array | undefined
  /** The canonical text: letters that do not matter in lower case, host bits zero. */
  readonly decode: (octets: Uint8Array) => string | undefined
  /** What subtrees are compared with, or undefined where the name cannot be judged and verifiers refuse it. */
  readonly target: (name: string) => string | undefined
  /** Whether every verifier lets the name through below a permitted subtree: the narrower reading. */
  readonly permits: (subtree: string, target: string) => boolean
  /** Whether any verifier refuses the name for an excluded subtree: the wider reading. */
  readonly excludes: (subtree: string, target: string) => boolean
  /** Whether whatever `inner` permits is permitted by `outer`. */
  readonly contains: (outer: string, inner: string) => boolean
}

const LABELS = /^[\x21-\x2d\x2f-\x7e]+(?:\.[\x21-\x2d\x2f-\x7e]+)*$/
const HOST_LABELS = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/
const URI_AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/]*)/
const WITH_PORT = /:\d*$/
const MAILBOX = /^([^@]+)@([^@]+)$/

/** dNSName: the domain and everything below it; with a leading dot only what is below it (Go and OpenSSL agree). */
export const DNS: SubtreeKind = {
  encode: (subtree) => (isDomain(subtree) ? ascii(subtree) : undefined),
  decode: (octets) => decodeText(octets, isDomain, lower),
  target: (name) => (LABELS.test(name) ? lower(name) : undefined),
  permits: atOrBelow,
  excludes: (subtree, target) =>
    atOrBelow(subtree, target) || (target.startsWith('*.') && isWildcardOf(target, subtree)),
  contains: atOrBelow,
}

/**
 * uniformResourceIdentifier: the host itself; with a leading dot the hosts below it (RFC 5280, OpenSSL). Go lets hosts
 * below a plain host through as well, which counts only where it refuses. A host that is no domain name is refused.
 */
export const URI: SubtreeKind = {
  encode: (subtree) => (isHostSubtree(subtree) ? ascii(subtree) : undefined),
  decode: (octets) => decodeText(octets, isHostSubtree, lower),
  target: hostOfUri,
  permits: hostOrBelow,
  excludes: atOrBelow,
  contains: hostOrBelow,
}

/** rfc822Name: a mailbox, the mailboxes on a host, or with a leading dot those on the hosts below a domain. */
export const EMAIL: SubtreeKind = {
  encode: (subtree) => (isEmailSubtree(subtree) ? ascii(subtree) : undefined),
  decode: (octets) => decodeText(octets, isEmailSubtree, lowerDomain),
  target: (name) => (MAILBOX.test(name) && HOST_LABELS.test(domainOf(name)) ? lowerDomain(name) : undefined),
  permits: (subtree, target) => (subtree.includes('@') ? subtree === target : hostOrBelow(subtree, domainOf(target))),
  excludes: (subtree, target) => (subtree.includes('@') ? subtree === target : atOrBelow(subtree, domainOf(target))),
  contains: (outer, inner) =>
    inner === '' || outer === inner || (!outer.includes('@') && hostOrBelow(outer, domainOf(inner))),
}

/**
 * iPAddress: a CIDR range; addresses of the other family are outside it. Where an IPv4 address is written as an IPv6 one,
 * Go 1.26 finds it in no permitted range, and its TLS clients take it for the IPv4 address, whatever excludes that.
 */
export const IP: SubtreeKind = {
  encode: parseCidr,
  decode: formatCidr,
  target: (name) => (parseIp(name) === undefined ? undefined : name),
  permits: (subtree, target) => {
    const address = parseIp(target)
    return mappedV4(address) === undefined && within(ipInRange, address, parseCidr(subtree))
  },
  excludes: (subtree, target) => {
    const [address, range] = [parseIp(target), parseCidr(subtree)]
    return within(ipInRange, address, range) || within(ipInRange, mappedV4(address), range)
  },
  contains: (outer, inner) => within(rangeInRange, parseCidr(inner), parseCidr(outer)),
}

/** With a leading dot: strictly below. The empty subtree is every domain. */
function atOrBelow(subtree: string, domain: string): boolean {
  if (subtree === '' || domain === subtree) return true
  return domain.endsWith(subtree.startsWith('.') ? subtree : `.${subtree}`)
}

/** The host itself, or with a leading dot what is below it; verifiers differ about the empty subtree, so it permits nothing. */
function hostOrBelow(subtree: string, host: string): boolean {
  return subtree.startsWith('.') ? host.endsWith(subtree) : host === subtree && subtree !== ''
}

/** `*.example.com` stands for `a.example.com`, so an excluded `a.example.com` excludes it too. */
function isWildcardOf(wildcard: string, subtree: string): boolean {
  return subtree.slice(subtree.indexOf('.')) === wildcard.slice(1)
}

function hostOfUri(uri: string): string | undefined {
  // What Go and OpenSSL read differently (a user before the host, a query right behind it) fails the pattern of a host.
  const host = URI_AUTHORITY.exec(uri)?.[1]?.replace(WITH_PORT, '')
  if (host === undefined || !HOST_LABELS.test(host) || parseIp(host) !== undefined) return undefined
  return lower(host)
}

function isDomain(subtree: string): boolean {
  return subtree === '' || HOST_LABELS.test(subtree.startsWith('.') ? subtree.slice(1) : subtree)
}

/** Go refuses a certificate that constrains the hosts of URIs to an address, and BoringSSL one with an empty host. */
function isHostSubtree(subtree: string): boolean {
  return subtree !== '' && isDomain(subtree) && parseIp(subtree) === undefined
}

function isEmailSubtree(subtree: string): boolean {
  if (!subtree.includes('@')) return isDomain(subtree)
  return MAILBOX.test(subtree) && HOST_LABELS.test(domainOf(subtree)) && ascii(subtree) !== undefined
}

function domainOf(mailbox: string): string {
  return mailbox.slice(mailbox.indexOf('@') + 1)
}

function lower(text: string): string {
  return text.toLowerCase()
}

function lowerDomain(mailbox: string): string {
  const at = mailbox.indexOf('@') + 1
  return mailbox.slice(0, at) + lower(mailbox.slice(at))
}

function ascii(text: string): Uint8Array | undefined {
  return /^[\x21-\x7e]*$/.test(text) ? Buffer.from(text, 'latin1') : undefined
}

function decodeText(
  octets: Uint8Array,
  valid: (text: string) => boolean,
  canonical: (text: string) => string,
): string | undefined {
  const text = toLatin1(octets)
  return ascii(text) !== undefined && valid(text) ? canonical(text) : undefined
}

type Test = (inner: Uint8Array, outer: Uint8Array) => boolean

function within(test: Test, inner: Uint8Array | undefined, outer: Uint8Array | undefined): boolean {
  return inner !== undefined && outer !== undefined && test(inner, outer)
}
