import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from '../lab/control-plane.ts'
import type { Kube } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import type { OpenBao } from '../lab/openbao.ts'
import { issueClient } from '../lab/pki.ts'
import { createToken } from './support-vault.ts'

/** One way to log in, set up on both sides. */
export interface Login {
  /** `spec.vault.auth` of the issuer. */
  readonly auth: Readonly<Record<string, unknown>>
  /** Path of the login; undefined for a token that is given. */
  readonly path: string | undefined
}

/** Who logs in, and what for. */
export interface LoginFixture {
  readonly bao: OpenBao
  readonly controlPlane: ControlPlane
  /** Of the issuer and of what it refers to. */
  readonly namespace: string
  /** Of the issuer. */
  readonly name: string
  /** Policies of the tokens that come out. */
  readonly policies: readonly string[]
}

type SetUp = (fixture: LoginFixture) => Promise<Login>

const token: SetUp = async ({ bao, controlPlane, namespace, name, policies }) => {
  await putSecret(controlPlane.admin, { namespace, name }, { token: await createToken(bao, ...policies) })
  return { auth: { token: { secretRef: { name } } }, path: undefined }
}

const appRole: SetUp = async ({ bao, controlPlane, namespace, name, policies }) => {
  const mount = `approle-${name}`
  const role = `auth/${mount}/role/${name}`
  await enable(bao, mount, 'approle')
  await bao.admin('POST', role, tokenOf(policies))
  const { data } = await bao.admin<{ readonly data: { readonly role_id: string } }>('GET', `${role}/role-id`)
  interface SecretId {
    readonly data: { readonly secret_id: string }
  }
  const { secret_id } = (await bao.admin<SecretId>('POST', `${role}/secret-id`, {})).data
  await putSecret(controlPlane.admin, { namespace, name }, { 'secret-id': secret_id })
  return { auth: { appRole: { mount, roleID: data.role_id, secretRef: { name } } }, path: `auth/${mount}/login` }
}

/** Vault has the API server review the token: as a reviewer of its own, since the token is for nobody but Vault. */
const kubernetes: SetUp = async (fixture) => {
  const { bao, controlPlane, namespace, name, policies } = fixture
  const { admin } = controlPlane
  const mount = `kubernetes-${name}`
  await allowTokens(fixture)
  await enable(bao, mount, 'kubernetes')
  await bao.admin('POST', `auth/${mount}/config`, {
    kubernetes_host: controlPlane.server,
    kubernetes_ca_cert: controlPlane.caPem,
    token_reviewer_jwt: await reviewerToken(admin),
  })
  await bao.admin('POST', `auth/${mount}/role/${name}`, {
    bound_service_account_names: name,
    bound_service_account_namespaces: namespace,
    audience: audienceOf(fixture),
    ...tokenOf(policies),
  })
  return { auth: { kubernetes: { mount, role: name, serviceAccountRef: { name } } }, path: `auth/${mount}/login` }
}

/** Vault knows the key that the API server signs tokens with, and asks nobody. */
const jwt: SetUp = async (fixture) => {
  const { bao, controlPlane, namespace, name, policies } = fixture
  const mount = `jwt-${name}`
  const key = join(controlPlane.workspace.folder, controlPlane.name, 'sa.pub')
  await allowTokens(fixture)
  await enable(bao, mount, 'jwt')
  await bao.admin('POST', `auth/${mount}/config`, {
    jwt_validation_pubkeys: [await readFile(key, 'utf8')],
    bound_issuer: `${controlPlane.server}/`,
  })
  await bao.admin('POST', `auth/${mount}/role/${name}`, {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_subject: `system:serviceaccount:${namespace}:${name}`,
    bound_audiences: [audienceOf(fixture)],
    ...tokenOf(policies),
  })
  return { auth: { jwt: { mount, role: name, serviceAccountRef: { name } } }, path: `auth/${mount}/login` }
}

const certificate: SetUp = async ({ bao, controlPlane, namespace, name, policies }) => {
  const mount = `cert-${name}`
  const client = await issueClient(bao.authority, `${name}.client`)
  await enable(bao, mount, 'cert')
  await bao.admin('POST', `auth/${mount}/certs/${name}`, {
    certificate: client.certificatePem,
    ...tokenOf(policies),
  })
  const values = { 'tls.crt': client.certificatePem, 'tls.key': client.keyPem }
  await putSecret(controlPlane.admin, { namespace, name }, values, 'kubernetes.io/tls')
  return { auth: { certificate: { mount, name, secretRef: { name } } }, path: `auth/${mount}/login` }
}

/** Every way to log in. */
export const LOGINS = { token, appRole, kubernetes, jwt, certificate } satisfies Readonly<Record<string, SetUp>>

/** What comes out of a login: these policies and no other, as docs/vault.md has it. */
function tokenOf(policies: readonly string[]): object {
  return { token_policies: policies, token_no_default_policy: true, token_ttl: '1h' }
}

function enable(bao: OpenBao, mount: string, type: string): Promise<unknown> {
  return bao.admin('POST', `sys/auth/${mount}`, { type })
}

function audienceOf({ namespace, name }: LoginFixture): string {
  return `vault://${namespace}/${name}`
}

/** A token of somebody who may review tokens. */
async function reviewerToken(kube: Kube): Promise<string> {
  const [namespace, name] = ['default', 'vault-reviewer']
  await kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } })
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  }
  await kube.apply(binding)
  return kube.serviceAccountToken({ namespace, name, audiences: [] })
}

/** The ServiceAccount of the issuer's name, and the right to make tokens of it, as config/samples/issuer-vault.yaml grants it. */
export async function allowTokens({
  controlPlane,
  namespace,
  name,
}: Pick<LoginFixture, 'controlPlane' | 'namespace' | 'name'>): Promise<void> {
  const { admin } = controlPlane
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  await admin.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } })
  const role = {
    apiVersion,
    kind: 'Role',
    metadata: { namespace, name },
    rules: [{ apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'], resourceNames: [name] }],
  }
  const binding = {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { namespace, name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', namespace: 'mesh-ca-issuer', name: 'mesh-ca-issuer' }],
  }
  await admin.apply(role)
  await admin.apply(binding)
}

/** Writes a Secret with these values. */
export async function putSecret(
  kube: Kube,
  metadata: { readonly namespace: string; readonly name: string },
  stringData: Readonly<Record<string, string>>,
  type = 'Opaque',
): Promise<void> {
  const secret: KubeObject & object = { apiVersion: 'v1', kind: 'Secret', metadata, ...{ type, stringData } }
  await kube.apply(secret)
}
