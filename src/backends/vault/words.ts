import type { VaultAuthConfig, VaultConfig } from './config.ts'

/** How messages name the server. */
export function serverOf({ server }: VaultConfig): string {
  return `Vault at ${new URL(server).host}`
}

export function hostOf({ server }: VaultConfig): string {
  return new URL(server).hostname
}

/** How messages name the issuer. */
export function pathOf({ mount, issuerRef }: VaultConfig): string {
  return `${mount}/issuer/${issuerRef}`
}

/** What grants a capability on a path. */
export function policyLine(path: string, capability: string): string {
  return `path "${path}" { capabilities = ["${capability}"] }`
}

/** How it logs in, without anything that is secret. */
export function loginWords({ auth }: { readonly auth: VaultAuthConfig }): string {
  switch (auth.method) {
    case 'token':
      return 'with the token of its Secret'
    case 'appRole':
      return `with an AppRole at auth/${auth.mount}`
    case 'kubernetes':
    case 'jwt':
      return `as role ${auth.role} at auth/${auth.mount} with ServiceAccount ${auth.account.namespace}/${auth.account.name}`
    case 'certificate':
      return `with a certificate at auth/${auth.mount}`
  }
}

/** What to look at where a login is refused. */
export function loginRemedy({ auth }: { readonly auth: VaultAuthConfig }): string {
  switch (auth.method) {
    case 'token':
      return 'it is not valid, or has ended: put a new one into the Secret'
    case 'appRole':
      return 'check the mount, vault.namespace, roleID, and the secret ID in its Secret: it may have ended, or been used up'
    case 'kubernetes':
    case 'jwt':
      return `check the mount, vault.namespace, and that the role exists, binds this ServiceAccount, and takes the audience ${auth.account.audiences.join(', ')}`
    case 'certificate':
      return 'check the mount, vault.namespace, and that a certificate role there trusts this client certificate'
  }
}
