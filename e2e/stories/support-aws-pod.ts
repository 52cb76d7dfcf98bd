import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { CredentialOptions } from '../../src/testing/fakes/acm-pca/options.ts'
import { type Controller, startControllerAs } from '../harness/controller.ts'
import { endWithoutSecrets } from '../harness/printed.ts'
import { OTHER_ACCOUNT } from '../lab/acm-pca.ts'
import type { ControlPlane } from '../lab/control-plane.ts'
import type { Workspace } from '../lab/workspace.ts'
import { type AccessKeys, AWS_ARGS } from './support-aws.ts'

/** What Pod Identity gives the controller of a cluster in another account. */
export const POD: CredentialOptions & { readonly sessionToken: string } = {
  accessKeyId: 'ASIALABPOD0000000001',
  secretAccessKey: 'lab-pod-secret-access-key-00000000000001',
  sessionToken: 'lab-pod-session-token',
  arn: `arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/mesh-ca-controller/cluster-7`,
  identity: `arn:aws:iam::${OTHER_ACCOUNT}:role/mesh-ca-controller`,
}

type Variables = Readonly<Record<string, string>>

export interface PodOptions {
  readonly name: string
  readonly args?: readonly string[]
  /** As EKS sets them for the pod of a ServiceAccount with a role. */
  readonly environment: Variables
}

/** A controller with variables of AWS in its environment; without election, so that one can follow another at once. */
export async function startInPod(
  controlPlane: ControlPlane,
  { name, args = [], environment }: PodOptions,
): Promise<Controller> {
  const { workspace } = controlPlane
  const inherited = { ...workspace.environment, AWS_EC2_METADATA_DISABLED: 'true', ...environment }
  const controller = await startControllerAs(
    {
      workspace: { ...workspace, environment: inherited },
      name: controlPlane.name,
      kubeconfig: controlPlane.kubeconfig('mesh-ca-issuer'),
    },
    { name, args: [...AWS_ARGS, '--leader-elect=false', ...args] },
  )
  workspace.defer(() => endWithoutSecrets(controller.program, controlPlane))
  return controller
}

/** Variables of IAM roles for service accounts: a token of the controller's own ServiceAccount for this role. */
export async function irsaVariables(controlPlane: ControlPlane, role: string): Promise<Variables> {
  const { workspace, admin } = controlPlane
  const account = { namespace: 'mesh-ca-issuer', name: 'mesh-ca-issuer', audiences: ['sts.amazonaws.com'] }
  const file = join(workspace.folder, 'web-identity-token')
  await writeFile(file, await admin.serviceAccountToken(account), { mode: 0o600 })
  return { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_SESSION_NAME: 'mesh-ca-issuer' }
}

/** Variables of EKS Pod Identity, and an agent on loopback that gives these keys to whoever has the pod's token. */
export async function podIdentityVariables(workspace: Workspace, keys: AccessKeys): Promise<Variables> {
  const token = 'lab-pod-identity-token'
  const file = join(workspace.folder, 'pod-identity-token')
  await writeFile(file, token, { mode: 0o600 })
  const answer = JSON.stringify({
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    Token: keys.sessionToken,
    Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
  })
  const agent = createServer((request, response) => {
    const known = request.headers.authorization === token
    response.writeHead(known ? 200 : 403, { 'content-type': 'application/json' }).end(known ? answer : '{}')
  })
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve))
  workspace.defer(
    () =>
      new Promise((resolve) => {
        agent.close(() => resolve())
        agent.closeAllConnections()
      }),
  )
  const address = agent.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
  }
}
