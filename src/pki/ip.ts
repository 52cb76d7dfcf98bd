/** Textual and binary forms of IP addresses and CIDR ranges. Nothing here throws: `undefined` = not an address. */

const V4_OCTETS = 4
const V6_OCTETS = 16
const V6_GROUPS = 8
/** ::ffff:0:0/96 */
const MAPPED: readonly number[] = [...new Array<number>(10).fill(0), 0xff, 0xff]
const DECIMAL = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-f]{1,4}$/i

/** @param octets 4 or 16 @returns dotted decimal, or RFC 5952 */
export function formatIp(octets: Uint8Array): string | undefined {
  if (octets.length === V4_OCTETS) return octets.join('.')
  return octets.length === V6_OCTETS ? formatV6(octets) : undefined
}

/** @returns 4 or 16 octets */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

/** @returns the 4 octets of an IPv4 address that is written as an IPv6 one (RFC 4291 2.5.5.2) */
export function mappedV4(octets: Uint8Array | undefined): Uint8Array | undefined {
  const mapped = octets?.length === V6_OCTETS && MAPPED.every((octet, index) => octets[index] === octet)
  return mapped ? octets.subarray(MAPPED.length) : undefined
}

/** @param octets address and mask as in RFC 5280 4.2.1.10: 8 or 32 @returns CIDR with the host bits zero */
export function formatCidr(octets: Uint8Array): string | undefined {
  const width = octets.length / 2
  const mask = octets.subarray(width)
  const length = prefixLength(mask)
  if (length === undefined) return undefined
  const address = formatIp(octets.subarray(0, width).map((octet, index) => octet & (mask[index] ?? 0)))
  return address === undefined ? undefined : `${address}/${length}`
}

/** @returns address and mask, 8 or 32 octets, host bits zero */
export function parseCidr(text: string): Uint8Array | undefined {
  const [address = '', length = '', ...rest] = text.split('/')
  const octets = parseIp(address)
  if (octets === undefined || rest.length > 0 || !DECIMAL.test(length) || Number(length) > octets.length * 8)
    return undefined
  const mask = octets.map((_, index) => maskOctet(Number(length) - index * 8))
  return Uint8Array.from([...octets.map((octet, index) => octet & (mask[index] ?? 0)), ...mask])
}

/** Whether an address (4 or 16 octets) lies in a range (address and mask) of the same family. */
export function ipInRange(address: Uint8Array, range: Uint8Array): boolean {
  const width = range.length / 2
  return (
    address.length === width && address.every((octet, index) => (octet & (range[width + index] ?? 0)) === range[index])
  )
}

/** Whether every address of one range lies in another of the same family. */
export function rangeInRange(inner: Uint8Array, outer: Uint8Array): boolean {
  const width = outer.length / 2
  const wider = outer.subarray(width).every((octet, index) => (octet & (inner[width + index] ?? 0)) === octet)
  return inner.length === outer.length && wider && ipInRange(inner.subarray(0, width), outer)
}

function maskOctet(bits: number): number {
  return (0xff00 >> Math.max(0, Math.min(8, bits))) & 0xff
}

function prefixLength(mask: Uint8Array): number | undefined {
  const length = mask.reduce((sum, octet) => sum + Math.min(8, Math.clz32(~octet << 24)), 0)
  return mask.every((octet, index) => octet === maskOctet(length - index * 8)) ? length : undefined
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  const valid = parts.length === V4_OCTETS && parts.every((part) => DECIMAL.test(part) && Number(part) <= 255)
  return valid ? Uint8Array.from(parts, Number) : undefined
}

function parseV6(text: string): Uint8Array | undefined {
  const [head = '', tail, ...rest] = text.split('::')
  const left = groups(head, tail === undefined)
  const right = groups(tail ?? '', true)
  if (left === undefined || right === undefined || rest.length > 0) return undefined
  const missing = V6_GROUPS - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const all = [...left, ...new Array<number>(missing).fill(0), ...right]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 16-bit groups of one side of "::"; at the end of the address the last may be a dotted IPv4 address, which makes two. */
function groups(text: string, atEnd: boolean): readonly number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const dotted = atEnd && parts.at(-1)?.includes('.') ? parseV4(parts.pop() ?? '') : new Uint8Array(0)
  if (dotted === undefined || !parts.every((part) => GROUP.test(part))) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = dotted
  return [...parts.map((part) => Number.parseInt(part, 16)), ...(dotted.length === 0 ? [] : [a * 256 + b, c * 256 + d])]
}

/** RFC 5952: lower case, the first longest run of two or more zero groups as "::". */
function formatV6(octets: Uint8Array): string {
  const parts = Array.from({ length: V6_GROUPS }, (_, index) =>
    ((octets[index * 2] ?? 0) * 256 + (octets[index * 2 + 1] ?? 0)).toString(16),
  )
  const runs = [
    ...parts
      .map((part) => (part === '0' ? '0' : ' '))
      .join('')
      .matchAll(/00+/g),
  ]
  const longest = runs.reduce(
    (best, run) => (run[0].length > best.length ? { start: run.index, length: run[0].length } : best),
    { start: 0, length: 0 },
  )
  if (longest.length === 0) return parts.join(':')
  return `${parts.slice(0, longest.start).join(':')}::${parts.slice(longest.start + longest.length).join(':')}`
}
