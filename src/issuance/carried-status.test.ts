import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuerStatus, MeshCAIssuer } from '../api/issuer.ts'
import { trustPair } from '../trust/transition.ts'
import { carriedStatus, readCarriedStatus } from './carried-status.ts'
import type { CarriedCA } from './request-record.ts'

const SECOND = 1000
const CARRIED: CarriedCA = {
  certificate: 'istio-system/cacerts',
  owner: 'uid-1',
  issuer: 'MeshCAIssuer/istio-system/mesh',
  pair: trustPair('a'.repeat(64), ['a'.repeat(64), 'b'.repeat(64)]),
  since: Date.parse('2026-11-01T00:00:00Z'),
  issuedAt: Date.parse('2026-11-20T00:00:00Z'),
  revision: 0,
}

function issuerWith(carried: NonNullable<IssuerStatus['carried']>): MeshCAIssuer {
  const metadata = {
    name: 'mesh',
    namespace: 'istio-system',
    uid: 'u',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-11-01T00:00:00Z',
    annotations: {},
    labels: {},
    ownerReferences: [],
  }
  const spec = {
    profile: 'MeshCA',
    mesh: { trustDomain: 'cluster.local', namespace: 'istio-system' },
    pathLength: 0,
    duration: { default: '2160h' },
    allowedKeys: ['RSA'],
    trust: { minimumDwell: '25h' },
  } as const
  return {
    apiVersion: 'meshca.dev/v1alpha1',
    kind: 'MeshCAIssuer',
    metadata,
    spec: { ...spec, allowedKeys: ['RSA'] },
    status: { carried },
  }
}

test('what is written down is read back', () => {
  assert.deepEqual(readCarriedStatus(issuerWith(carriedStatus([CARRIED]))), [CARRIED])
})

test('Certificates are written in the order of their names', () => {
  const names = ['c/c', 'a/a', 'b/b'].map((certificate, index) => ({ ...CARRIED, certificate, owner: String(index) }))
  assert.deepEqual(
    carriedStatus(names).map(({ certificate }) => certificate),
    ['a/a', 'b/b', 'c/c'],
  )
})

test('where more exist than fit, those issued last are kept', () => {
  const many = Array.from({ length: 300 }, (_, index) => ({
    ...CARRIED,
    certificate: `ns/${String(index).padStart(3, '0')}`,
    owner: String(index),
    issuedAt: CARRIED.issuedAt + index * SECOND,
  }))
  const kept = carriedStatus(many)
  assert.equal(kept.length, 256)
  assert.equal(kept[0]?.certificate, 'ns/044')
  assert.equal(kept.at(-1)?.certificate, 'ns/299')
})

test('an entry with an unreadable time is left out, the others stay', () => {
  const [good] = carriedStatus([CARRIED])
  assert.ok(good)
  assert.deepEqual(readCarriedStatus(issuerWith([{ ...good, since: 'yesterday' }, good])), [CARRIED])
})
