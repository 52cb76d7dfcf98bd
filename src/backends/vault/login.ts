import type { BackendServices } from '../services.ts'
import type { VaultCall } from './client.ts'
import type { VaultAuthConfig } from './config.ts'

/** Every way to log in but with a token that is there already. */
export type LoginConfig = Exclude<VaultAuthConfig, { readonly method: 'token' }>

/**
 * The call that logs in.
 * @throws SigningError where a ServiceAccount's token cannot be had
 */
export async function loginCall(
  auth: LoginConfig,
  serviceAccountToken: BackendServices['serviceAccountToken'],
  signal: AbortSignal,
): Promise<VaultCall> {
  const call = { method: 'POST', path: `auth/${auth.mount}/login` } as const
  switch (auth.method) {
    case 'appRole':
      return { ...call, body: { role_id: auth.roleID, secret_id: auth.secretID } }
    case 'kubernetes':
    case 'jwt': {
      const { token } = await serviceAccountToken(auth.account, signal)
      return { ...call, body: { role: auth.role, jwt: token } }
    }
    case 'certificate':
      return { ...call, body: auth.name === undefined ? {} : { name: auth.name } }
  }
}
