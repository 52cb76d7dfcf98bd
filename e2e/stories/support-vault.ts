import type { OpenBao } from '../lab/openbao.ts'
import { BaoError } from '../lab/openbao-http.ts'

/** Longest life of what is signed in a mount of ours. */
const MAX_LEASE = '87600h'
/** Below a mount: makes a self-signed CA whose key stays inside. */
const SELF_SIGNED = 'root/generate/internal'

/** A CA in a PKI mount. */
export interface MountedCa {
  readonly mount: string
  /** Name of the issuer in the mount. */
  readonly issuer: string
  readonly certificatePem: string
  readonly rootPem: string
}

export interface CaFixture {
  /** Made when it is not there yet. */
  readonly mount: string
  /** Common name, and name of the issuer. */
  readonly name: string
  readonly ttl?: string
  readonly maxPathLength?: number
}

interface Generated {
  readonly data: { readonly certificate: string; readonly csr: string; readonly imported_issuers: readonly string[] }
}

/** Mounts a PKI secrets engine unless it is mounted. */
export async function mountPki(bao: OpenBao, mount: string): Promise<void> {
  const { data } = await bao.admin<{ readonly data: object }>('GET', 'sys/mounts')
  if (`${mount}/` in data) return
  await bao.admin('POST', `sys/mounts/${mount}`, { type: 'pki', config: { max_lease_ttl: MAX_LEASE } })
}

/** Makes a self-signed root in a mount. */
export async function mountRoot(bao: OpenBao, fixture: CaFixture): Promise<MountedCa> {
  const { mount, name } = fixture
  await mountPki(bao, mount)
  const { data } = await bao.admin<Generated>('POST', `${mount}/${SELF_SIGNED}`, {
    ...bodyOf(fixture),
    issuer_name: name,
    key_type: 'ec',
  })
  const certificatePem = `${data.certificate.trim()}\n`
  return { mount, issuer: name, certificatePem, rootPem: certificatePem }
}

/** Makes a CA below `parent` in a mount, which is told of the root too. */
export async function mountIntermediate(bao: OpenBao, fixture: CaFixture, parent: MountedCa): Promise<MountedCa> {
  const { mount, name } = fixture
  await mountPki(bao, mount)
  const { csr } = (
    await bao.admin<Generated>('POST', `${mount}/intermediate/generate/internal`, { common_name: name, key_type: 'ec' })
  ).data
  const signed = await bao.admin<Generated>('POST', `${parent.mount}/issuer/${parent.issuer}/sign-intermediate`, {
    ...bodyOf(fixture),
    csr,
    use_csr_values: true,
  })
  const { certificate } = signed.data
  const { data } = await bao.admin<Generated>('POST', `${mount}/intermediate/set-signed`, { certificate })
  await bao.admin('POST', `${mount}/issuer/${data.imported_issuers[0]}`, { issuer_name: name })
  await bao.admin('POST', `${mount}/issuers/import/cert`, { pem_bundle: parent.rootPem })
  return { mount, issuer: name, certificatePem: `${certificate.trim()}\n`, rootPem: parent.rootPem }
}

function bodyOf({ name, ttl = '43800h', maxPathLength }: CaFixture): object {
  return { common_name: name, ttl, ...(maxPathLength === undefined ? {} : { max_path_length: maxPathLength }) }
}

/** Paths of a policy with the capabilities on each. */
export type Rights = Readonly<Record<string, readonly string[]>>

/** What docs/vault.md grants a token about itself, since it goes without the policy `default`. */
const OF_ITSELF: Rights = {
  'sys/capabilities-self': ['update'],
  'auth/token/renew-self': ['update'],
  'auth/token/revoke-self': ['update'],
  'auth/token/lookup-self': ['read'],
}

/** What docs/vault.md grants: to read an issuer of a mount, and to have CAs signed by it. */
export function rightsOn({ mount }: { readonly mount: string }, issuerRef = 'default'): Rights {
  return {
    [`${mount}/issuer/${issuerRef}/json`]: ['read'],
    [`${mount}/issuer/${issuerRef}/sign-intermediate`]: ['update'],
  }
}

/** Writes a policy with these rights beside those of a token on itself, and gives its name. */
export async function writePolicy(bao: OpenBao, name: string, rights: Rights): Promise<string> {
  const granted = Object.entries({ ...OF_ITSELF, ...rights })
  const path = Object.fromEntries(granted.map(([one, capabilities]) => [one, { capabilities }]))
  await bao.admin('PUT', `sys/policies/acl/${name}`, { policy: JSON.stringify({ path }) })
  return name
}

/** A token with these policies and no other, which its owner renews. */
export async function createToken(bao: OpenBao, ...policies: readonly string[]): Promise<string> {
  interface Created {
    readonly auth: { readonly client_token: string }
  }
  const token = { policies, no_default_policy: true, period: '1h' }
  const { auth } = await bao.admin<Created>('POST', 'auth/token/create-orphan', token)
  return auth.client_token
}

/** `spec.vault` of an issuer: this server, this mount, and how to log in. */
export function vaultSpec(
  bao: OpenBao,
  more: Readonly<Record<string, unknown>>,
): { readonly vault: Readonly<Record<string, unknown>> } {
  return { vault: { server: bao.address, caBundle: bao.caPem, ...more } }
}

/** How often something was posted to a path that matches, and not refused. */
export async function callsOf(bao: OpenBao, path: RegExp): Promise<number> {
  const calls = await bao.audit()
  return calls.filter((call) => call.operation === 'update' && path.test(call.path) && call.error === undefined).length
}

/** Accessors of the tokens that live, of those that came from this path, sorted. */
export async function tokensOf(bao: OpenBao, path: string): Promise<readonly string[]> {
  const keys = await accessorsOf(bao)
  const paths = await Promise.all(keys.map((accessor) => pathOf(bao, accessor)))
  return keys.filter((_, index) => paths[index] === path).toSorted()
}

async function accessorsOf(bao: OpenBao): Promise<readonly string[]> {
  interface Listed {
    readonly data: { readonly keys: readonly string[] }
  }
  try {
    return (await bao.admin<Listed>('LIST', 'auth/token/accessors')).data.keys
  } catch (error) {
    // So it answers where there are none.
    if (error instanceof BaoError && error.status === 404) return []
    throw error
  }
}

async function pathOf(bao: OpenBao, accessor: string): Promise<string | undefined> {
  interface Looked {
    readonly data: { readonly path: string }
  }
  const looked = bao.admin<Looked>('POST', 'auth/token/lookup-accessor', { accessor })
  // One that ends while it is asked for is none.
  return looked.then(({ data }) => data.path).catch(() => undefined)
}
