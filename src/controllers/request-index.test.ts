import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { carriedStatus } from '../issuance/carried-status.ts'
import type { CarriedCA, RequestRecord } from '../issuance/request-record.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import { trustPair } from '../trust/transition.ts'
import { RequestIndex } from './request-index.ts'

const ISSUER = 'MeshCAIssuer/team/mesh'
const CERTIFICATE = 'team/cacerts'

function carried(root: string, change: Partial<CarriedCA> = {}): CarriedCA {
  const common = {
    certificate: CERTIFICATE,
    issuer: ISSUER,
    since: 1000,
    issuedAt: 1000,
    revision: 1,
  }
  return { ...common, pair: trustPair(root, [root]), ...change }
}

const issued = (uid: string, what: CarriedCA): RequestRecord => ({
  state: 'settled',
  uid,
  certificate: CERTIFICATE,
  carried: what,
})
const unapproved = (uid: string): RequestRecord => ({ state: 'unapproved', uid, certificate: CERTIFICATE })

describe('what a Certificate carries', () => {
  test('outlives the issued request while the next one waits', () => {
    const index = new RequestIndex()
    const first = issued('1', carried('a'))
    assert.deepEqual(index.change('team/cacerts-1', undefined, first), { issuers: [ISSUER], eased: [] })
    index.change('team/cacerts-2', undefined, unapproved('2'))
    assert.deepEqual(index.change('team/cacerts-1', first, undefined), { issuers: [], eased: [] })
    assert.deepEqual(index.carriedByCertificate(CERTIFICATE), carried('a'))
    assert.deepEqual([...index.carriedByIssuer(ISSUER)], [carried('a')])
  })

  test('outlives all requests, but then counts no more among those of the issuer', () => {
    const index = new RequestIndex()
    const first = issued('1', carried('a'))
    index.change('team/cacerts-1', undefined, first)
    assert.deepEqual(index.change('team/cacerts-1', first, undefined), { issuers: [ISSUER], eased: [ISSUER] })
    assert.deepEqual(index.carriedByCertificate(CERTIFICATE), carried('a'))
    assert.deepEqual([...index.carriedByIssuer(ISSUER)], [])
    assert.deepEqual(index.change('team/cacerts-1', undefined, unapproved('2')), { issuers: [ISSUER], eased: [] })
    assert.deepEqual([...index.carriedByIssuer(ISSUER)], [carried('a')])
  })

  test('is what the newest issued request says, in whatever order they are seen', () => {
    const newest = carried('b', { issuedAt: 2000, since: 2000, revision: 2 })
    for (const order of [
      [carried('a'), newest],
      [newest, carried('a')],
    ]) {
      const index = new RequestIndex()
      for (const [turn, one] of order.entries()) index.change(`team/${turn}`, undefined, issued(String(turn), one))
      assert.deepEqual(index.carriedByCertificate(CERTIFICATE), newest)
    }
  })

  test('moves with the Certificate from issuer to issuer', () => {
    const index = new RequestIndex()
    const other = 'MeshCAIssuer/team/other'
    index.change('team/cacerts-1', undefined, issued('1', carried('a')))
    const moved = carried('a', { issuer: other, issuedAt: 2000, revision: 2 })
    assert.deepEqual(index.change('team/cacerts-2', undefined, issued('2', moved)), {
      issuers: [ISSUER, other],
      eased: [ISSUER, other],
    })
    assert.deepEqual([[...index.carriedByIssuer(ISSUER)], [...index.carriedByIssuer(other)]], [[], [moved]])
  })

  test('wakes its own request at another issuer with those it leaves', () => {
    const index = new RequestIndex()
    const open = { ...testOpenRecord(), uid: '2', certificate: CERTIFICATE }
    index.change('team/cacerts-1', undefined, issued('1', carried('a')))
    index.change('team/cacerts-2', undefined, open)
    assert.deepEqual(index.openFor('MeshCAIssuer/istio-system/mesh'), ['team/cacerts-2'])
    assert.deepEqual(index.openFor(ISSUER), ['team/cacerts-2'])
    index.change('team/cacerts-2', open, undefined)
    assert.deepEqual([index.openFor('MeshCAIssuer/istio-system/mesh'), index.openFor(ISSUER)], [[], []])
  })

  test('is written down before what Certificates that are gone carried, however many of these came later', () => {
    const index = new RequestIndex()
    index.change('team/cacerts-1', undefined, issued('1', carried('a')))
    for (let turn = 0; turn < 300; turn += 1) {
      const certificate = `ci/run-${turn}`
      const run = { ...issued(`run-${turn}`, carried('a', { certificate, issuedAt: 2000 + turn })), certificate }
      index.change(`${certificate}-1`, undefined, run)
      index.change(`${certificate}-1`, run, undefined)
    }
    const written = carriedStatus(index.knownOfIssuer(ISSUER)).map(({ certificate }) => certificate)
    assert.equal(written.length, 256)
    assert.ok(written.includes(CERTIFICATE))
    assert.ok(written.includes('ci/run-299'))
  })

  test('a request seen again is not counted again', () => {
    const index = new RequestIndex()
    const first = issued('1', carried('a'))
    index.change('team/cacerts-1', undefined, first)
    assert.deepEqual(index.change('team/cacerts-1', first, first), { issuers: [], eased: [] })
    index.change('team/cacerts-1', first, undefined)
    assert.deepEqual([...index.carriedByIssuer(ISSUER)], [])
  })
})
