import type { Issuer, IssuerStatus, LastIssuance } from '../api/issuer.ts'
import type { Authority, Backend } from '../backends/backend.ts'
import type { BackendConfig } from '../backends/config.ts'
import type { IssuersDeps } from '../controllers/issuers.ts'
import type { ReadResult } from '../controllers/references.ts'
import type { CarriedCA } from '../issuance/request-record.ts'
import { TEST_ROOT, testAuthority, testIssuer } from './builders.ts'
import { TEST_NOW } from './certificates.ts'

/** What surrounds the keeper of issuers, to be changed by a test as it goes. */
export interface IssuerWorld {
  issuer: Issuer | undefined
  now: number
  /** Objects by `namespace/Kind/name`; an error is thrown. */
  objects: Readonly<Record<string, ReadResult | Error>>
  /** What the back end shows when it is checked. */
  authority: Authority | Error
  /** What a check of the back end waits for. */
  gate: Promise<void>
  carried: readonly CarriedCA[]
  /** What a write of the status throws. */
  writeFails: Error | undefined
  /** Whether a written status shows in the cache. */
  echo: boolean
}

/** What happened, in order: reads, openings, checks, writes, events, wakes. */
export interface IssuerLog {
  readonly log: readonly string[]
  readonly written: readonly IssuerStatus[]
  /** Forgets the log so far and gives it. */
  readonly take: () => readonly string[]
}

export const TEST_ISSUANCE: LastIssuance = {
  time: '2026-11-23T12:00:00Z',
  kind: 'CertificateRequest',
  namespace: 'istio-system',
  name: 'istio-ca-1',
  serialNumber: '1f',
  notAfter: '2026-12-23T12:00:00Z',
}

/** A Secret `ca` that the issuer `istio-system/mesh` names, and a back end that shows the root. */
export function issuerWorld(): IssuerWorld & { readonly deps: IssuersDeps } & IssuerLog {
  const log: string[] = []
  const written: IssuerStatus[] = []
  const world: IssuerWorld = {
    issuer: testIssuer(),
    now: TEST_NOW,
    objects: {
      'istio-system/Secret/ca': { resourceVersion: '1', data: { 'tls.crt': 'certificate', 'tls.key': 'key' } },
    },
    authority: testAuthority(TEST_ROOT),
    gate: Promise.resolve(),
    carried: [],
    writeFails: undefined,
    echo: true,
  }
  const take = (): readonly string[] => log.splice(0)
  return Object.assign(world, { deps: depsOf(world, log, written), log, written, take })
}

function depsOf(world: IssuerWorld, log: string[], written: IssuerStatus[]): IssuersDeps {
  return {
    issuer: () => world.issuer,
    now: () => world.now,
    clusterResourceNamespace: 'mesh-ca-issuer',
    recheckMs: 30_000,
    policy: { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false },
    read: async (namespace, { kind, name }) => {
      log.push(`read ${namespace}/${kind}/${name}`)
      const object = world.objects[`${namespace}/${kind}/${name}`]
      if (object instanceof Error) throw object
      return object
    },
    open: async (config) => {
      log.push(`open ${config.kind}`)
      return backendOf(world, log, config)
    },
    carriedBy: () => world.carried,
    knownBy: () => world.carried,
    writeStatus: async (issuer, status) => {
      log.push(`write ${status.conditions?.map((one) => `${one.type}=${one.status}`).join(' ')}`)
      if (world.writeFails !== undefined) throw world.writeFails
      written.push(status)
      if (world.echo && world.issuer?.metadata.uid === issuer.metadata.uid) world.issuer = { ...world.issuer, status }
    },
    changed: (key) => log.push(`changed ${key}`),
    tell: (_issuer, { type, reason }) => log.push(`tell ${type} ${reason}`),
  }
}

function backendOf(world: IssuerWorld, log: string[], config: BackendConfig): Backend {
  return {
    check: async () => {
      log.push(`check ${config.kind === 'local' ? config.certificates : config.kind}`)
      await world.gate
      if (world.authority instanceof Error) throw world.authority
      return world.authority
    },
    sign: async () => ({ state: 'pending', ticket: '', pollAfterMs: 1000 }),
  }
}
