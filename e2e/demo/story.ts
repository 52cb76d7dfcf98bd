import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { caSecret, issuer, meshCertificate, namespace } from '../harness/objects.ts'
import type { Kube } from '../lab/kube.ts'
import { type KubeObject, type Secret, secretText } from '../lab/kube-objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference, renew, secretReference } from '../lab/requests.ts'
import { describeChain } from './describe.ts'
import type { Narrator } from './narrator.ts'

/** What `cacerts` holds, as text. */
export interface Cacerts {
  readonly certificate: string
  readonly roots: string
}

/** Applies a root CA, an issuer and a Certificate, and waits for the Secret that istiod reads. */
export async function issueMeshCA(kube: Kube, place: string, { step, say }: Narrator): Promise<Cacerts> {
  await step('A CA whose key lies in a Secret, an issuer for it, and a Certificate for istiod', async () => {
    const root = await createAuthority({ commonName: 'Demo Root', pathLength: 1 })
    await kube.apply(namespace(place))
    await kube.apply(caSecret(place, 'root-ca', root))
    for (const object of manifests(place)) {
      await kube.apply(object)
      say(stringify(object))
    }
  })
  return step(
    'cert-manager asks, mesh-ca-issuer signs and proves, cert-manager writes the Secret cacerts',
    async () => {
      await certificateReady(kube, certificateReference(place, 'cacerts'))
      const cacerts = await readCacerts(kube, place)
      say(`tls.crt\n${describeChain(cacerts.certificate)}\n\nca.crt\n${describeChain(cacerts.roots)}`)
      return cacerts
    },
  )
}

/** Renews the Certificate, as `cmctl renew cacerts` does, and shows that the roots' bytes have not changed. */
export async function renewMeshCA(kube: Kube, place: string, before: Cacerts, { say }: Narrator): Promise<Cacerts> {
  await renew(kube, certificateReference(place, 'cacerts'))
  const after = await readCacerts(kube, place)
  say(`tls.crt\n${describeChain(after.certificate)}`)
  if (after.certificate === before.certificate) throw new Error('The Certificate was not renewed.')
  if (after.roots !== before.roots) throw new Error('ca.crt changed with a renewal.')
  say(`\nca.crt is byte for byte the same: SHA-256 ${createHash('sha256').update(after.roots).digest('hex')}`)
  return after
}

async function readCacerts(kube: Kube, place: string): Promise<Cacerts> {
  const secret = await kube.get<Secret>(secretReference(place, 'cacerts'))
  return { certificate: secretText(secret, 'tls.crt') ?? '', roots: secretText(secret, 'ca.crt') ?? '' }
}

function manifests(place: string): readonly KubeObject[] {
  return [
    issuer({
      namespace: place,
      name: 'mesh',
      spec: { ca: { secretRef: { name: 'root-ca' } }, mesh: { namespace: place } },
    }),
    meshCertificate({ namespace: place, name: 'cacerts', issuerName: 'mesh' }),
  ]
}
