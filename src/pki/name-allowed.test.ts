import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { constraints, dns, email, ip, uri } from '../testing/names.ts'
import { nameAllowed, type Subtrees } from './name-constraints.ts'
import type { GeneralName } from './san.ts'

type Verdict = 'allowed' | 'outside' | 'excluded' | 'incomparable'
type Row = readonly [what: string, name: string, permitted: readonly string[], excluded: readonly string[], Verdict]

const REASONS: Readonly<Record<Exclude<Verdict, 'allowed'>, RegExp>> = {
  outside: / is outside the permitted "/,
  excluded: / is excluded by "/,
  incomparable: / cannot be compared with name constraints$/,
}

const dnsRows: readonly Row[] = [
  ['a domain is its own', 'example.com', ['example.com'], [], 'allowed'],
  ['and what is below it, in any letters', 'A.b.EXAMPLE.com', ['Example.com'], [], 'allowed'],
  ['and not what only ends alike', 'anexample.com', ['example.com'], [], 'outside'],
  ['nor what is above it', 'com', ['example.com'], [], 'outside'],
  ['a leading dot takes only what is below', 'example.com', ['.example.com'], [], 'outside'],
  ['a leading dot takes every depth', 'a.b.example.com', ['.example.com'], [], 'allowed'],
  ['the empty domain is every one', 'example.com', [''], [], 'allowed'],
  ['one of several is enough', 'b.org', ['a.org', 'b.org'], [], 'allowed'],
  ['excluded wins', 'x.a.org', ['a.org'], ['x.a.org'], 'excluded'],
  ['beside an excluded one', 'y.a.org', [], ['x.a.org'], 'allowed'],
  ['everything excluded', 'a.org', [], [''], 'excluded'],
  ['a wildcard below', '*.a.org', ['a.org'], [], 'allowed'],
  ['a wildcard that stands for an excluded name', '*.a.org', [], ['x.a.org'], 'excluded'],
  ['a wildcard cannot stand for two labels', '*.a.org', [], ['x.y.a.org'], 'allowed'],
  ['a wildcard cannot stand for what is below a label', '*.a.org', [], ['.x.a.org'], 'allowed'],
  ['a wildcard at the place of a permitted name', '*.a.org', ['x.a.org'], [], 'outside'],
  ['a trailing dot', 'a.org.', ['a.org'], [], 'incomparable'],
  ['an empty label', 'a..org', [], ['b.org'], 'incomparable'],
]

const uriRows: readonly Row[] = [
  ['the host, exactly', 'spiffe://cluster.local/ns/a/sa/b', ['cluster.local'], [], 'allowed'],
  ['the host in other letters', 'spiffe://Cluster.Local/a', ['CLUSTER.local'], [], 'allowed'],
  ['another host', 'spiffe://other.domain/a', ['cluster.local'], [], 'outside'],
  ['a host below: OpenSSL refuses', 'spiffe://a.cluster.local/b', ['cluster.local'], [], 'outside'],
  ['a host below a leading dot', 'spiffe://a.b.cluster.local/b', ['.cluster.local'], [], 'allowed'],
  ['the host of a leading dot', 'spiffe://cluster.local/b', ['.cluster.local'], [], 'outside'],
  ['a port', 'https://cluster.local:443/', ['cluster.local'], [], 'allowed'],
  ['no path', 'spiffe://cluster.local', ['cluster.local'], [], 'allowed'],
  ['a host below an excluded one: Go refuses', 'spiffe://a.cluster.local', [], ['cluster.local'], 'excluded'],
  ['a host beside an excluded one', 'spiffe://a.cluster.local', [], ['b.cluster.local'], 'allowed'],
  ['the empty host permits nothing', 'spiffe://a', [''], [], 'outside'],
  ['the empty host excludes everything', 'spiffe://a', [], [''], 'excluded'],
  ['no authority', 'urn:a:b', [], ['a'], 'incomparable'],
  ['an empty host', 'file:///a', ['a'], [], 'incomparable'],
  ['an IPv4 host', 'https://10.0.0.1/', ['.0.0.1'], [], 'incomparable'],
  ['an IPv6 host', 'https://[::1]:443/', [], ['a'], 'incomparable'],
  ['a user', 'spiffe://u@cluster.local/', ['cluster.local'], [], 'incomparable'],
  ['a query right behind the host', 'spiffe://cluster.local?a', ['cluster.local'], [], 'incomparable'],
  ['no host, and no constraint', 'urn:a:b', [], [], 'allowed'],
]

const ipRows: readonly Row[] = [
  ['an IPv4 address in its range', '10.1.2.3', ['10.0.0.0/8'], [], 'allowed'],
  ['an IPv4 address outside', '11.0.0.1', ['10.0.0.0/8'], [], 'outside'],
  ['the host bits of a range do not count', '10.1.2.3', ['10.200.0.1/8'], [], 'allowed'],
  ['an IPv6 address in its range', 'fd00::1', ['fd00::/8'], [], 'allowed'],
  ['the other family is outside', 'fd00::1', ['0.0.0.0/0'], [], 'outside'],
  ['the other family is not excluded', 'fd00::1', [], ['0.0.0.0/0'], 'allowed'],
  ['an excluded address', '10.0.0.1', ['10.0.0.0/8'], ['10.0.0.1/32'], 'excluded'],
  ['IPv4 written as IPv6: Go takes it for the excluded host', '::ffff:10.0.0.1', [], ['10.0.0.0/8'], 'excluded'],
  ['and not for another', '::ffff:11.0.0.1', [], ['10.0.0.0/8'], 'allowed'],
  ['IPv4 written as IPv6 in an excluded range: OpenSSL refuses', '::ffff:10.0.0.1', [], ['::/8'], 'excluded'],
  ['in a permitted range of IPv6: Go refuses', '::ffff:10.0.0.1', ['::/0'], [], 'outside'],
  ['in a permitted range of IPv4: both refuse', '::ffff:10.0.0.1', ['10.0.0.0/8'], [], 'outside'],
]

const emailRows: readonly Row[] = [
  ['a mailbox, its host in other letters', 'Joe@Example.com', ['Joe@example.COM'], [], 'allowed'],
  ['a mailbox in other letters', 'joe@example.com', ['Joe@example.com'], [], 'outside'],
  ['a host', 'joe@example.com', ['example.com'], [], 'allowed'],
  ['below a host: OpenSSL refuses', 'joe@a.example.com', ['example.com'], [], 'outside'],
  ['below an excluded host: Go refuses', 'joe@a.example.com', [], ['example.com'], 'excluded'],
  ['an excluded mailbox', 'joe@a.example.com', ['.example.com'], ['joe@a.example.com'], 'excluded'],
  ['below a domain', 'joe@a.example.com', ['.example.com'], [], 'allowed'],
  ['at a domain', 'joe@example.com', ['.example.com'], [], 'outside'],
]

type Kind = readonly [string, keyof Subtrees, (value: string) => GeneralName, readonly Row[]]

const kinds: readonly Kind[] = [
  ['DNS names', 'dnsDomains', dns, dnsRows],
  ['URIs', 'uriDomains', uri, uriRows],
  ['IP addresses', 'ipRanges', ip, ipRows],
  ['email addresses', 'emailAddresses', email, emailRows],
]

for (const [title, field, make, rows] of kinds) {
  describe(`${title} below constraints`, () => {
    for (const [what, value, permitted, excluded, verdict] of rows) {
      test(what, () => {
        const reason = nameAllowed(make(value), constraints({ [field]: permitted }, { [field]: excluded }))
        if (verdict === 'allowed') assert.equal(reason, undefined)
        else assert.match(reason ?? '', REASONS[verdict])
      })
    }
  })
}

describe('other kinds are free', () => {
  const elsewhere = constraints({ uriDomains: ['cluster.local'], ipRanges: ['10.0.0.0/8'] })
  test('a DNS name below constraints of URIs', () => assert.equal(nameAllowed(dns('a.org'), elsewhere), undefined))
  test('but not a name that verifiers cannot judge', () => {
    assert.match(nameAllowed(uri('urn:a:b'), constraints({ dnsDomains: ['a.org'] })) ?? '', REASONS.incomparable)
    assert.match(nameAllowed(dns('a.org.'), elsewhere) ?? '', REASONS.incomparable)
  })
  test('a registered ID', () => assert.equal(nameAllowed({ type: 'registeredID', oid: '1.2' }, elsewhere), undefined))
})

describe('reasons', () => {
  test('name the name and what it hit', () => {
    const nc = constraints({ dnsDomains: ['a.org', 'b.org'] }, { dnsDomains: ['x.a.org'] })
    assert.equal(nameAllowed(dns('c.org'), nc), 'DNS name "c.org" is outside the permitted "a.org", "b.org"')
    assert.equal(nameAllowed(dns('y.x.a.org'), nc), 'DNS name "y.x.a.org" is excluded by "x.a.org"')
  })

  test('stay short', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `${index}.org`)
    const reason = nameAllowed(dns('a'.repeat(100_000)), constraints({ dnsDomains: many })) ?? ''
    assert.match(reason, /\.\.\." is outside the permitted "0\.org", .* and 995 more$/)
    assert.ok(reason.length < 500)
  })
})
