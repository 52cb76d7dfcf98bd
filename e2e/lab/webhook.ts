import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from './control-plane.ts'
import { eventually } from './eventually.ts'
import { KubeError } from './kube-http.ts'
import type { KubeObject } from './kube-objects.ts'
import { createAuthority, issueServing } from './pki.ts'
import { freePort } from './ports.ts'
import { type Program, startProgram } from './process.ts'

/** Starts cert-manager's webhook, registers it, and waits until the API server asks it. */
export async function startWebhook(controlPlane: ControlPlane, command: string): Promise<Program> {
  const { workspace, name } = controlPlane
  const folder = await workspace.subfolder(`${name}/webhook`)
  const authority = await createAuthority({ commonName: `lab ${name} webhook` })
  const serving = await issueServing(authority, { commonName: 'webhook', ipAddresses: ['127.0.0.1'] })
  const certFile = join(folder, 'tls.crt')
  const keyFile = join(folder, 'tls.key')
  await writeFile(certFile, serving.certificatePem)
  await writeFile(keyFile, serving.keyPem, { mode: 0o600 })
  const address = `127.0.0.1:${await freePort()}`
  const program = await startProgram(workspace, {
    name: `${name}-cert-manager-webhook`,
    command,
    args: [
      `-webhook.kubeconfig=${controlPlane.kubeconfig('cert-manager-webhook')}`,
      `-webhook.address=${address}`,
      `-webhook.tls-cert-file=${certFile}`,
      `-webhook.tls-private-key-file=${keyFile}`,
    ],
  })
  await program.whileRunning(program.log.waitFor(/cert-manager webhook listens on/))
  for (const object of registrations(address, authority.certificatePem)) await controlPlane.admin.apply(object)
  await asked(controlPlane)
  return program
}

interface Registration extends KubeObject {
  readonly webhooks: readonly unknown[]
}

// As in cert-manager's chart, with an address instead of a Service.
function registrations(address: string, caPem: string): readonly Registration[] {
  const metadata = { name: 'cert-manager-webhook' }
  const caBundle = Buffer.from(caPem).toString('base64')
  const common = {
    name: 'webhook.cert-manager.io',
    admissionReviewVersions: ['v1'],
    matchPolicy: 'Equivalent',
    failurePolicy: 'Fail',
    sideEffects: 'None',
  }
  const apiVersion = 'admissionregistration.k8s.io/v1'
  return [
    {
      apiVersion,
      kind: 'ValidatingWebhookConfiguration',
      metadata,
      webhooks: [
        {
          ...common,
          clientConfig: { url: `https://${address}/validate`, caBundle },
          rules: [
            {
              apiGroups: ['cert-manager.io', 'acme.cert-manager.io'],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['*/*'],
            },
          ],
        },
      ],
    },
    {
      apiVersion,
      kind: 'MutatingWebhookConfiguration',
      metadata,
      webhooks: [
        {
          ...common,
          clientConfig: { url: `https://${address}/mutate`, caBundle },
          rules: [
            {
              apiGroups: ['cert-manager.io'],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['certificaterequests'],
            },
          ],
        },
      ],
    },
  ]
}

// The API server takes a registration up a moment after it was written. An issuer of no type passes the schema and is
// refused only by the webhook; a request that is no CSR likewise, and shows that the registration for it is there too.
async function asked({ admin }: ControlPlane): Promise<void> {
  const issuer = { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { name: 'probe' }, spec: {} }
  const attempts = { what: "A question to cert-manager's webhook", withinMs: 20_000, everyMs: 50 }
  await eventually(attempts, async () => {
    const path = '/apis/cert-manager.io/v1/namespaces/default/issuers'
    const call = admin.call({ method: 'POST', path, query: { dryRun: 'All' }, body: issuer })
    return call.then(
      () => undefined,
      (error: unknown) =>
        error instanceof KubeError && error.message.includes('webhook.cert-manager.io') ? true : undefined,
    )
  })
}
