import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CarriedCA, issuerKey, type RequestRecord } from '../issuance/request-record.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import { trustPair } from '../trust/transition.ts'
import { type IndexChange, RequestIndex } from './request-index.ts'

const OPEN = testOpenRecord()
const CERTIFICATES = ['x', 'y', 'z']
const KEYS = ['a/1', 'a/2', 'b/1', 'b/2']
const TARGETS = ['one', 'two'].map((name) => ({ kind: 'MeshCAIssuer', namespace: 'a', name }) as const)
const ISSUERS = TARGETS.map(issuerKey)

/** What a request says: who owns it, and for a settled one what its Certificate carries. */
interface Told {
  readonly state: 'open' | 'denied' | 'unapproved' | 'settled'
  readonly certificate: string | undefined
  readonly target: (typeof TARGETS)[number]
  readonly root: string | undefined
}

const told: fc.Arbitrary<Told> = fc.record({
  state: fc.constantFrom('open', 'denied', 'unapproved', 'settled'),
  certificate: fc.option(fc.constantFrom(...CERTIFICATES), { nil: undefined }),
  target: fc.constantFrom(...TARGETS),
  root: fc.option(fc.constantFrom('A', 'B'), { nil: undefined }),
})

/** A key comes, changes or goes. */
const changes = fc.array(fc.tuple(fc.constantFrom(...KEYS), fc.option(told, { nil: undefined })), { maxLength: 40 })

function recordOf({ state, certificate, target, root }: Told, turn: number): RequestRecord {
  const common = {
    uid: `uid-${turn}`,
    ...(certificate !== undefined && { certificate }),
    ...(certificate !== undefined &&
      root !== undefined && { carried: carriedOf(certificate, issuerKey(target), root, turn) }),
  }
  const { uid: _uid, certificate: _certificate, ...open } = OPEN
  return state === 'open' || state === 'denied' ? { ...open, ...common, state, issuer: target } : { ...common, state }
}

function carriedOf(certificate: string, issuer: string, root: string, turn: number): CarriedCA {
  return {
    certificate,
    issuer,
    pair: trustPair(root, [root]),
    since: 0,
    issuedAt: turn,
    revision: 0,
  }
}

/** The same, by walking over everything. */
class Model {
  readonly requests = new Map<string, RequestRecord>()
  readonly latest = new Map<string, CarriedCA>()

  change(key: string, after: RequestRecord | undefined): void {
    if (after === undefined) this.requests.delete(key)
    else this.requests.set(key, after)
    if (after?.carried !== undefined) this.latest.set(after.carried.certificate, after.carried)
  }

  open(): readonly (readonly [string, string])[] {
    return [...this.requests].flatMap(([key, record]) =>
      record.state === 'open' ? [[key, issuerKey(record.issuer)] as const] : [],
    )
  }

  carriedBy(issuer: string): readonly CarriedCA[] {
    const present = new Set([...this.requests.values()].map((record) => record.certificate))
    return [...this.latest.values()].filter((carried) => carried.issuer === issuer && present.has(carried.certificate))
  }
}

const sorted = (carried: Iterable<CarriedCA>) => [...carried].sort((a, b) => (a.certificate < b.certificate ? -1 : 1))
const pairs = (carried: readonly CarriedCA[]) =>
  sorted(carried).map(({ certificate, pair }) => JSON.stringify([certificate, pair]))

test('whatever comes and goes, the index answers as a walk over everything would', () => {
  fc.assert(
    fc.property(changes, (steps) => {
      const [index, model] = [new RequestIndex(), new Model()]
      for (const [turn, [key, what]] of steps.entries()) {
        const after = what === undefined ? undefined : recordOf(what, turn)
        const before = model.requests.get(key)
        const were = ISSUERS.map((issuer) => pairs(model.carriedBy(issuer)))
        model.change(key, after)
        const change = index.change(key, before, after)
        assertSame(index, model)
        for (const [at, issuer] of ISSUERS.entries())
          assertTold(change, issuer, { were: were[at] ?? [], now: pairs(model.carriedBy(issuer)) })
      }
    }),
    { numRuns: 300 },
  )
})

interface Pairs {
  readonly were: readonly string[]
  readonly now: readonly string[]
}

function assertTold({ issuers, eased }: IndexChange, issuer: string, { were, now }: Pairs): void {
  if (now.join() !== were.join()) assert.ok(issuers.includes(issuer), `${issuer} is not told of the change`)
  const less = were.some((pair) => !now.includes(pair))
  if (less) assert.ok(eased.includes(issuer), `what waits at ${issuer} is not woken`)
}

function assertSame(index: RequestIndex, model: Model): void {
  const open = model.open()
  assert.deepEqual([...index.openOf(OPEN.facts.namespace ?? '')].sort(), open.map(([key]) => key).sort())
  assert.deepEqual(index.openOf('another'), [])
  for (const issuer of ISSUERS) {
    const own = new Set(model.carriedBy(issuer).map(({ certificate }) => certificate))
    const ofOwn = (key: string): boolean => own.has(model.requests.get(key)?.certificate ?? '')
    const waiting = open.filter(([key, one]) => one === issuer || ofOwn(key)).map(([key]) => key)
    assert.deepEqual([...index.openFor(issuer)].sort(), waiting.sort())
    assert.deepEqual(sorted(index.carriedByIssuer(issuer)), sorted(model.carriedBy(issuer)))
    const known = [...model.latest.values()].filter((carried) => carried.issuer === issuer)
    assert.deepEqual(sorted(index.knownOfIssuer(issuer)), sorted(known))
  }
  for (const certificate of CERTIFICATES)
    assert.equal(index.carriedByCertificate(certificate), model.latest.get(certificate))
}

test('what an issuer carries can be walked over again and again', () => {
  const index = new RequestIndex()
  index.change(
    'a/1',
    undefined,
    recordOf({ state: 'settled', certificate: 'x', target: TARGETS[0] ?? assert.fail(), root: 'A' }, 0),
  )
  const carried = index.carriedByIssuer(ISSUERS[0] ?? '')
  assert.equal([...carried].length, 1)
  assert.equal([...carried].length, 1)
})
