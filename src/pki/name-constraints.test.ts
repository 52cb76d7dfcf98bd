import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { constraints, subtrees, testName } from '../testing/names.ts'
import { constructedTag, contextTag, TAG } from './der-reader.ts'
import { element, sequence, smallInteger } from './der-writer.ts'
import {
  decodeNameConstraints,
  encodeNameConstraints,
  type NameConstraints,
  permittedOutside,
  type Subtrees,
  sameNameConstraints,
} from './name-constraints.ts'

describe('permitted subtrees inside others', () => {
  const rows: readonly (readonly [string, Partial<Subtrees>, Partial<Subtrees>, string | undefined])[] = [
    ['nothing inside nothing', {}, {}, undefined],
    ['a kind that the outer leaves free', { dnsDomains: ['a.org'] }, { uriDomains: ['b'] }, undefined],
    ['a kind that the inner leaves out', {}, { uriDomains: ['b'] }, undefined],
    ['the same', { dnsDomains: ['A.org'] }, { dnsDomains: ['a.ORG'] }, undefined],
    ['below', { dnsDomains: ['x.a.org', '.a.org'] }, { dnsDomains: ['a.org'] }, undefined],
    [
      'above a leading dot',
      { dnsDomains: ['a.org'] },
      { dnsDomains: ['.a.org'] },
      'DNS name subtree "a.org" is not inside ".a.org"',
    ],
    ['every domain', { dnsDomains: [''] }, { dnsDomains: ['a.org'] }, 'DNS name subtree "" is not inside "a.org"'],
    [
      'the first offender is told',
      { dnsDomains: ['x.a.org', 'b.org', 'c.org'] },
      { dnsDomains: ['a.org'] },
      'DNS name subtree "b.org" is not inside "a.org"',
    ],
    [
      'a URI host below a plain one',
      { uriDomains: ['x.a'] },
      { uriDomains: ['a'] },
      'URI subtree "x.a" is not inside "a"',
    ],
    ['URI hosts below a dot', { uriDomains: ['x.a', '.x.a', '.a'] }, { uriDomains: ['.a'] }, undefined],
    ['a narrower range', { ipRanges: ['10.1.0.0/16'] }, { ipRanges: ['10.0.0.0/8'] }, undefined],
    [
      'a wider range',
      { ipRanges: ['10.0.0.0/7'] },
      { ipRanges: ['10.0.0.0/8', '11.0.0.0/8'] },
      'IP address subtree "10.0.0.0/7" is not inside "10.0.0.0/8", "11.0.0.0/8"',
    ],
    ['a mailbox on a host', { emailAddresses: ['a@b.org'] }, { emailAddresses: ['b.org'] }, undefined],
    [
      'a host for a mailbox',
      { emailAddresses: ['b.org'] },
      { emailAddresses: ['a@b.org'] },
      'email address subtree "b.org" is not inside "a@b.org"',
    ],
    [
      'a host and a mailbox below a domain',
      { emailAddresses: ['x.b.org', 'a@x.b.org'] },
      { emailAddresses: ['.b.org'] },
      undefined,
    ],
    [
      'a malformed one',
      { ipRanges: ['10.0.0.0/40'] },
      { ipRanges: ['0.0.0.0/0'] },
      'IP address subtree "10.0.0.0/40" is not inside "0.0.0.0/0"',
    ],
  ]
  for (const [what, inner, outer, expected] of rows) {
    test(what, () => assert.equal(permittedOutside(subtrees(inner), subtrees(outer)), expected))
  }
})

describe('the same constraints', () => {
  const one = constraints({ dnsDomains: ['a.org', 'b.org'], ipRanges: ['10.0.0.0/8'] }, { uriDomains: ['x'] })
  const rows: readonly (readonly [string, NameConstraints | undefined, boolean])[] = [
    [
      'in another order, in other letters, with host bits, twice',
      constraints({ dnsDomains: ['B.org', 'a.org', 'a.org'], ipRanges: ['10.1.1.1/8'] }, { uriDomains: ['X'] }),
      true,
    ],
    ['none', undefined, false],
    ['not critical', { ...one, critical: false }, false],
    [
      'one more',
      constraints({ dnsDomains: ['a.org', 'b.org', 'c.org'], ipRanges: ['10.0.0.0/8'] }, { uriDomains: ['x'] }),
      false,
    ],
    ['one less', constraints({ dnsDomains: ['a.org'], ipRanges: ['10.0.0.0/8'] }, { uriDomains: ['x'] }), false],
    ['excluded instead of permitted', { ...one, permitted: one.excluded, excluded: one.permitted }, false],
  ]
  for (const [what, other, expected] of rows) test(what, () => assert.equal(sameNameConstraints(one, other), expected))
  test('none and none', () => assert.equal(sameNameConstraints(undefined, undefined), true))
})

describe('the extension', () => {
  const dnsSubtree = element(contextTag(2), Buffer.from('a.org'))
  const permitted = (...list: readonly Uint8Array[]) => sequence(element(constructedTag(0), ...list))
  const unfit = (reason: string) =>
    ['name-constraints-invalid', `the name constraints cannot be used: ${reason}`] as const
  const broken = (reason: string) =>
    ['der-invalid', `the name constraints extension is not well-formed DER: ${reason}`] as const
  const bounds = unfit('they hold a subtree with a minimum or maximum, which RFC 5280 forbids; remove it')
  const foreign = unfit('they hold a subtree that is no DNS name, URI, email address or IP range; remove it')
  const range = (...octets: readonly number[]) => permitted(sequence(element(contextTag(7), Uint8Array.from(octets))))

  const refused: readonly (readonly [string, Uint8Array, readonly [string, string]])[] = [
    ['nothing in it', sequence(), unfit('they hold no subtree')],
    ['an empty list', permitted(), broken('a subtree is missing')],
    ['a directory name', permitted(sequence(element(constructedTag(4), testName('CN=a').der))), foreign],
    ['an other name', permitted(sequence(element(constructedTag(0), sequence()))), foreign],
    [
      'a minimum that is the default',
      permitted(sequence(dnsSubtree, element(contextTag(0), Uint8Array.of(0)))),
      bounds,
    ],
    ['a maximum', permitted(sequence(dnsSubtree, element(contextTag(1), Uint8Array.of(1)))), bounds],
    [
      'a mask with holes',
      range(10, 0, 0, 0, 255, 0, 255, 0),
      unfit('they hold a malformed IP address subtree; correct it'),
    ],
    [
      'a range of six octets',
      range(10, 0, 0, 255, 0, 0),
      unfit('they hold a malformed IP address subtree; correct it'),
    ],
    [
      'an empty URI host',
      permitted(sequence(element(contextTag(6), Buffer.of()))),
      unfit('they hold a malformed URI subtree; correct it'),
    ],
    [
      'a URI host that is an address',
      permitted(sequence(element(contextTag(6), Buffer.from('10.0.0.1')))),
      unfit('they hold a malformed URI subtree; correct it'),
    ],
    [
      'a DNS domain with an empty label',
      permitted(sequence(element(contextTag(2), Buffer.from('a..b')))),
      unfit('they hold a malformed DNS name subtree; correct it'),
    ],
    [
      'a DNS domain that is not ASCII',
      permitted(sequence(element(contextTag(2), Buffer.from('ü')))),
      unfit('they hold a malformed DNS name subtree; correct it'),
    ],
    [
      'excluded before permitted',
      sequence(element(constructedTag(1), sequence(dnsSubtree)), element(constructedTag(0), sequence(dnsSubtree))),
      broken('there are bytes behind its end'),
    ],
    [
      'bytes behind it',
      Buffer.concat([permitted(sequence(dnsSubtree)), Buffer.of(0)]),
      broken('there are bytes behind its end'),
    ],
    ['something else', sequence(smallInteger(1)), broken('there are bytes behind its end')],
    [
      'a subtree that is no SEQUENCE',
      permitted(element(TAG.set, dnsSubtree)),
      broken('a subtree has an unexpected type'),
    ],
  ]
  for (const [what, der, [code, message]] of refused) {
    test(`${what} is refused`, () =>
      assert.throws(() => decodeNameConstraints(der, true), { name: 'PkiError', code, message }))
  }

  const unwritable: readonly (readonly [string, NameConstraints, string])[] = [
    ['no subtree', constraints({}), 'they hold no subtree; leave them out instead'],
    [
      'a malformed range',
      constraints({ ipRanges: ['10.0.0.0'] }),
      '"10.0.0.0" is not a valid IP address subtree; correct it',
    ],
    [
      'a malformed domain',
      constraints({}, { dnsDomains: ['a b'] }),
      '"a b" is not a valid DNS name subtree; correct it',
    ],
    ['a wildcard', constraints({ dnsDomains: ['*.a.org'] }), '"*.a.org" is not a valid DNS name subtree; correct it'],
    ['an empty URI host', constraints({ uriDomains: ['', 'a'] }), '"" is not a valid URI subtree; correct it'],
    ['a whole URI', constraints({ uriDomains: ['spiffe://a'] }), '"spiffe://a" is not a valid URI subtree; correct it'],
    [
      'a mailbox without a host',
      constraints({ emailAddresses: ['a@'] }),
      '"a@" is not a valid email address subtree; correct it',
    ],
  ]
  for (const [what, nc, reason] of unwritable) {
    const message = `the name constraints cannot be used: ${reason}`
    test(`${what} is not written`, () =>
      assert.throws(() => encodeNameConstraints(nc), { code: 'name-constraints-invalid', message }))
  }
})
