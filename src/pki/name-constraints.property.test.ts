import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { constraints, dns, email, ip, subtrees, uri } from '../testing/names.ts'
import { PkiError } from './error.ts'
import {
  decodeNameConstraints,
  encodeNameConstraints,
  type NameConstraints,
  nameAllowed,
  permittedOutside,
  type Subtrees,
  sameNameConstraints,
} from './name-constraints.ts'
import type { GeneralName } from './san.ts'

/** Few labels, so that names and subtrees meet often. */
const label = fc.constantFrom('a', 'b', 'A', 'x-1')
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
const dotted = fc.tuple(fc.constantFrom('', '.'), domain).map(([dot, host]) => dot + host)
const v4 = fc.array(fc.constantFrom(0, 1, 10, 255), { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'))
const v6 = fc.array(fc.constantFrom('0', '1', 'fd00'), { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'))
const range = fc.oneof(
  fc.tuple(v4, fc.nat({ max: 32 })).map(([address, length]) => `${address}/${length}`),
  fc.tuple(v6, fc.nat({ max: 128 })).map(([address, length]) => `${address}/${length}`),
)
const mailbox = fc.tuple(fc.constantFrom('joe', 'Joe', 'j.o'), domain).map((parts) => parts.join('@'))
const hosts = fc.oneof(dotted, fc.constant(''))

function some<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { maxLength: 3 })
}

const lists: fc.Arbitrary<Subtrees> = fc.record({
  dnsDomains: some(hosts),
  uriDomains: some(dotted),
  emailAddresses: some(fc.oneof(hosts, mailbox)),
  ipRanges: some(range),
})
const nameConstraints: fc.Arbitrary<NameConstraints> = fc.record({
  critical: fc.boolean(),
  permitted: lists,
  excluded: lists,
})
type Kind = readonly [keyof Subtrees, fc.Arbitrary<string>, fc.Arbitrary<GeneralName>]

const kinds: readonly Kind[] = [
  ['dnsDomains', hosts, fc.tuple(fc.constantFrom('', '*.'), domain).map(([star, host]) => dns(star + host))],
  ['uriDomains', dotted, domain.map((host) => uri(`spiffe://${host}/ns/a`))],
  ['emailAddresses', fc.oneof(hosts, mailbox), mailbox.map(email)],
  ['ipRanges', range, fc.oneof(v4, v6).map(ip)],
]
const name = fc.oneof(...kinds.map(([, , candidates]) => candidates))

function isEmpty({ permitted, excluded }: NameConstraints): boolean {
  return [...Object.values(permitted), ...Object.values(excluded)].every((list) => list.length === 0)
}

test('what is written is read back, and reading is canonical', () => {
  fc.assert(
    fc.property(nameConstraints, (nc) => {
      fc.pre(!isEmpty(nc))
      const decoded = decodeNameConstraints(encodeNameConstraints(nc), nc.critical)
      assert.ok(sameNameConstraints(decoded, nc))
      assert.deepEqual(decodeNameConstraints(encodeNameConstraints(decoded), nc.critical), decoded)
    }),
  )
})

for (const [field, subtree, candidates] of kinds) {
  test(`${field}: a name that the inner constraints allow, the outer ones allow`, () => {
    const list = fc.array(subtree, { minLength: 1, maxLength: 2 })
    const permits = (permitted: readonly string[]) => constraints({ [field]: permitted })
    fc.assert(
      fc.property(list, list, candidates, (inner, outer, candidate) => {
        const inside = permittedOutside(subtrees({ [field]: inner }), subtrees({ [field]: outer })) === undefined
        const allowed = nameAllowed(candidate, permits(inner)) === undefined
        if (inside && allowed) assert.equal(nameAllowed(candidate, permits(outer)), undefined)
      }),
      { numRuns: 1000 },
    )
  })
}

test('subtrees lie inside themselves, and inside what contains what contains them', () => {
  fc.assert(
    fc.property(lists, lists, lists, (a, b, c) => {
      assert.equal(permittedOutside(a, a), undefined)
      const chained = permittedOutside(a, b) === undefined && permittedOutside(b, c) === undefined
      const covered = (Object.keys(c) as (keyof Subtrees)[]).every((kind) => c[kind].length === 0 || b[kind].length > 0)
      if (chained && covered) assert.equal(permittedOutside(a, c), undefined)
    }),
    { numRuns: 500 },
  )
})

test('a further excluded subtree never allows more', () => {
  fc.assert(
    fc.property(nameConstraints, lists, name, (nc, more, candidate) => {
      const excluded = {
        dnsDomains: [...nc.excluded.dnsDomains, ...more.dnsDomains],
        uriDomains: [...nc.excluded.uriDomains, ...more.uriDomains],
        emailAddresses: [...nc.excluded.emailAddresses, ...more.emailAddresses],
        ipRanges: [...nc.excluded.ipRanges, ...more.ipRanges],
      }
      if (nameAllowed(candidate, { ...nc, excluded }) === undefined) assert.equal(nameAllowed(candidate, nc), undefined)
    }),
  )
})

test('arbitrary bytes are read or refused with a PkiError', () => {
  fc.assert(
    fc.property(nameConstraints, fc.nat(), fc.nat({ max: 255 }), (nc, position, octet) => {
      fc.pre(!isEmpty(nc))
      const der = Buffer.from(encodeNameConstraints(nc))
      der[position % der.length] = octet
      try {
        decodeNameConstraints(der, true)
      } catch (error) {
        assert.ok(error instanceof PkiError)
      }
    }),
  )
})
