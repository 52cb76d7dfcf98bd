import { randomBytes } from 'node:crypto'

/** Who may talk to the lab's API server; every program has a user of its own, so that RBAC is real. */
export type UserKey = 'admin' | 'cert-manager' | 'cert-manager-webhook' | 'mesh-ca-issuer' | 'istiod' | 'developer'

export interface LabUser {
  /** Name as RBAC sees it. */
  readonly name: string
  readonly groups: readonly string[]
  readonly token: string
}

/** Makes the users, each with a random token. Only `admin` has rights of its own; the others have what is granted. */
export function createUsers(): Readonly<Record<UserKey, LabUser>> {
  return {
    admin: user('lab-admin', ['system:masters']),
    'cert-manager': serviceAccount('cert-manager', 'cert-manager'),
    'cert-manager-webhook': serviceAccount('cert-manager', 'cert-manager-webhook'),
    'mesh-ca-issuer': serviceAccount('mesh-ca-issuer', 'mesh-ca-issuer'),
    istiod: serviceAccount('istio-system', 'istiod'),
    developer: user('developer', []),
  }
}

/** The lines of kube-apiserver's --token-auth-file. */
export function tokenFile(users: readonly LabUser[]): string {
  return users
    .map(
      ({ token, name, groups }) => `${token},${name},${name}-uid,"${[...groups, 'system:authenticated'].join(',')}"\n`,
    )
    .join('')
}

function serviceAccount(namespace: string, name: string): LabUser {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  return user(`system:serviceaccount:${namespace}:${name}`, groups)
}

function user(name: string, groups: readonly string[]): LabUser {
  return { name, groups, token: randomBytes(24).toString('base64url') }
}
