import { setTimeout as delay } from 'node:timers/promises'
import { dataOf } from '../api/object-data.ts'
import { isObject, readString } from '../api/read.ts'
import { parseTime } from '../api/time.ts'
import { SigningError } from '../backends/backend.ts'
import type { BackendServices, OutboundProxy } from '../backends/services.ts'
import type { ApiClient } from '../cluster/client.ts'
import { known } from '../doctor/answer.ts'
import { ConfigurationError, type Lookup, type Reference, type ReferenceData } from '../issuance/references.ts'
import { ask } from './ask.ts'
import { coreObject } from './paths.ts'

/** The clocks of the machine, in milliseconds. */
export interface Clocks {
  readonly now: () => number
  readonly monotonic: () => number
}

/**
 * Reads what an issuer refers to, with the caller's rights. What may not be read is told to who needs it.
 * @throws Error where the API server fails
 */
export async function readReferences(
  client: ApiClient,
  namespace: string,
  references: readonly Reference[],
): Promise<Lookup> {
  const read = await Promise.all(
    references.map(async (reference) => [keyOf(reference), await readReference(client, namespace, reference)] as const),
  )
  const found = new Map(read)
  return (reference) => {
    const data = found.get(keyOf(reference))
    if (data instanceof ConfigurationError) throw data
    return data
  }
}

async function readReference(
  client: ApiClient,
  namespace: string,
  { kind, name }: Reference,
): Promise<ReferenceData | ConfigurationError> {
  const place = coreObject(namespace, kind === 'Secret' ? 'secrets' : 'configmaps', name)
  const answer = await ask(client, { ...place, read: (object) => valuesOf(object, kind) })
  if (answer.state === 'failed') throw new Error(answer.message)
  if (answer.state === 'forbidden') {
    return new ConfigurationError('ReadForbidden', `you may not ${answer.right}; have a Role grant it to you`)
  }
  return known(answer)
}

function valuesOf(object: unknown, kind: Reference['kind']): ReferenceData {
  return isObject(object) ? dataOf(kind, object) : undefined
}

function keyOf({ kind, name }: Reference): string {
  return `${kind}/${name}`
}

/** The shortest life that the API server gives a token: 600 seconds. */
const TOKEN_SECONDS = 600

/** What a back end is opened with outside of the controller; tokens are asked for with the caller's rights. */
export function callerServices(
  client: ApiClient,
  { now, monotonic }: Clocks,
  proxy: OutboundProxy | undefined,
): BackendServices {
  return {
    now,
    monotonic,
    sleep: (ms, signal) => delay(ms, undefined, { signal }),
    random: Math.random,
    mayAct: () => true,
    report: () => undefined,
    proxy,
    serviceAccountToken: async ({ namespace, name, audiences }) => {
      const answer = await ask(client, {
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
        right: `create serviceaccounts/token (${name}) in namespace ${namespace}`,
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { audiences, expirationSeconds: TOKEN_SECONDS },
        },
        read: (object) => tokenOf(object, now() + TOKEN_SECONDS * 1000),
      })
      if (answer.state === 'read') return answer.value
      const why = {
        absent: `the ServiceAccount ${name} does not exist in namespace ${namespace}; create it, or correct its name`,
        forbidden: `you may not create serviceaccounts/token (${name}) in namespace ${namespace}; have a Role grant it to you, as the controller needs it granted too`,
        failed: `no token of ServiceAccount ${name} could be had`,
      }
      throw new SigningError('recheck-issuer', `token-${answer.state}`, why[answer.state], { part: 'CredentialsReady' })
    },
  }
}

function tokenOf(
  object: unknown,
  standardEnd: number,
): { readonly token: string; readonly expiresAt: number } | undefined {
  const status = isObject(object) && isObject(object.status) ? object.status : {}
  const token = readString(status.token)
  if (token === undefined || token === '') return undefined
  return { token, expiresAt: parseTime(readString(status.expirationTimestamp)) ?? standardEnd }
}
