import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Controller } from '../harness/controller.ts'
import { issuer } from '../harness/objects.ts'
import { AWS_ACCOUNT, type Aws, installed, startAws } from '../lab/acm-pca.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { describeReference, objectPath, type Reference, referenceTo } from '../lab/kube-paths.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference } from '../lab/requests.ts'
import {
  actionsOf,
  below,
  isIssuer,
  manifest,
  manifestsOf,
  messagesInSources,
  permissionsOf,
  policiesOf,
  policy,
  quotedMessages,
  trustOf,
} from './support-aws-guide.ts'
import { irsaVariables, POD, type PodOptions, podIdentityVariables, startInPod } from './support-aws-pod.ts'
import { clusterIssuerReference, conditionsOf, issuerReference, issuerShows, READY } from './support-issuers.ts'
import { openStage, type Stage } from './support-scene.ts'

const PLACE = 'istio-system'
const ROLE = `arn:aws:iam::${AWS_ACCOUNT}:role`
const CA = `arn:aws:acm-pca:eu-central-1:${AWS_ACCOUNT}:certificate-authority/11111111-2222-3333-4444-555555555555`
/** Every manifest is applied as it stands, with nothing added but the address of AWS; the policies are the fake's. */
describe('docs/aws-private-ca.md', { timeout: 120_000 }, () => {
  let stage: Stage
  let aws: Aws
  const claims: Readonly<Record<string, unknown>>[] = []
  before(async () => {
    stage = await openStage({ name: 'aws-guide', namespaces: [PLACE, 'elsewhere'] })
    const { lab } = stage
    const root = await createAuthority({ commonName: 'Mesh Root 2026' })
    const fleet = await createAuthority({ commonName: 'Mesh CA 2026', parent: root, pathLength: 1 })
    const permissions = permissionsOf(policy('2. '))
    const trusting = (section: string, turn = 0) => trustOf(policy(section, turn), `${lab.controlPlane.server}/`)
    aws = await startAws(lab.workspace, {
      authorities: [installed(CA, fleet)],
      credentials: [{ ...POD, permissions: permissionsOf(policy('Assume a role', 1)) }],
      roles: [
        { arn: `${ROLE}/mesh-ca`, trust: trusting("The controller's own role", 1), permissions },
        { arn: `${ROLE}/mesh-ca-istio-system`, trust: trusting('A role for each issuer'), permissions },
        { arn: `${ROLE}/mesh-ca-signer`, trust: trusting('Assume a role'), permissions },
      ],
      sawToken: (claim) => claims.push(claim),
    })
  })
  after(() => stage?.stop())

  const shows = async (issuer: Reference, beginning: string) =>
    conditionsOf(await issuerShows(stage.kube, issuer, 'CredentialsReady', beginning))
  const apply = (object: KubeObject): Promise<KubeObject> => stage.kube.apply(led(aws, object))
  const applyAll = async (section: string): Promise<void> => {
    for (const object of manifestsOf(below(section))) await apply(object)
  }
  /** As the owner of a namespace would have it who thinks that the controller's role is for everybody. */
  const ambient = issuerReference('elsewhere', 'ambient')
  const applyAmbient = () => {
    const object = manifest('Assume a role')
    const spec = isIssuer(object) ? { awsPrivateCA: object.spec.awsPrivateCA } : {}
    return apply(issuer({ namespace: 'elsewhere', name: 'ambient', spec }))
  }

  async function inPod(options: PodOptions, act: () => Promise<void>): Promise<void> {
    const controller: Controller = await startInPod(stage.lab.controlPlane, options)
    try {
      await act()
    } finally {
      await controller.stop()
    }
  }

  test('shows manifests that the API server takes', async () => {
    const objects = manifestsOf(below(''))
    assert.ok(objects.length >= 9)
    for (const object of objects) {
      const applied = await stage.kube.call<KubeObject>({
        method: 'PATCH',
        path: objectPath(referenceTo(object)),
        query: { fieldManager: 'guide', dryRun: 'All' },
        body: object,
        contentType: 'application/apply-patch+yaml',
      })
      assert.equal(describeReference(referenceTo(applied)), describeReference(referenceTo(object)))
    }
  })

  test('shows commands that a shell can read, and messages that there are', async () => {
    const scripts = below('').filter(({ language }) => language === 'sh')
    assert.equal(scripts.length, 3)
    for (const { text } of scripts) await promisify(execFile)('sh', ['-n', '-c', text])
    const [quoted, said] = [quotedMessages(), messagesInSources()]
    assert.ok(quoted.length >= 20)
    const unsaid = quoted.filter((words) => !said.includes(words))
    assert.deepEqual(unsaid, [])
  })

  describe('where the controller has a role by its ServiceAccount', () => {
    let controller: Controller
    before(async () => {
      const environment = await irsaVariables(stage.lab.controlPlane, `${ROLE}/mesh-ca`)
      controller = await startInPod(stage.lab.controlPlane, { name: 'irsa', environment })
    })
    after(() => controller?.stop())

    test('that role signs the CA of istiod, through an issuer of the cluster', async () => {
      await applyAll("The controller's own role")
      await applyAll('5. ')
      await certificateReady(stage.kube, certificateReference(PLACE, 'cacerts'))
      const [minted] = aws.journal.minted
      assert.equal(minted?.principal, `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/mesh-ca/mesh-ca-issuer`)
    })

    test('an issuer has a role of its own: who may ask for its token, and whose token that role takes', async () => {
      const [section, title] = ['A role for each issuer', 'mesh-ca-aws']
      const mine = issuerReference(PLACE, title)
      await apply(manifest(section, 'MeshCAIssuer'))
      assert.equal(
        (await shows(mine, 'False/Token')).CredentialsReady,
        'False/TokenForbidden: the controller may not create tokens of ServiceAccount mesh-ca-aws in namespace istio-system; grant its ServiceAccount the verb create on serviceaccounts/token with this resourceName',
      )
      await applyAll(section)
      assert.deepEqual(await shows(mine, 'True'), READY)
      const { metadata } = await stage.kube.get(referenceTo(manifest(section, 'ServiceAccount')))
      const { aud, 'kubernetes.io': bound } = claims.find(({ sub }) => `${sub}`.endsWith(`:${PLACE}:${title}`)) ?? {}
      assert.deepEqual(aud, ['sts.amazonaws.com'])
      assert.match(JSON.stringify(bound), new RegExp(`"uid":"${metadata.uid}"`), 'the token was made by the API server')

      for (const object of manifestsOf(below(section))) {
        await apply({ ...object, metadata: { ...object.metadata, namespace: 'elsewhere' } })
      }
      assert.equal(
        (await shows(issuerReference('elsewhere', title), 'False/Assume')).CredentialsReady,
        `False/AssumeRoleDenied: ServiceAccount elsewhere/mesh-ca-aws may not assume ${ROLE}/mesh-ca-istio-system: let the role's trust policy allow sts:AssumeRoleWithWebIdentity to the cluster's identity provider (audience sts.amazonaws.com, subject system:serviceaccount:elsewhere:mesh-ca-aws)`,
      )
    })

    test('an issuer of a namespace may not use it', async () => {
      await applyAmbient()
      assert.match((await shows(ambient, 'False')).CredentialsReady ?? '', /^False\/AmbientCredentialsForbidden: /)
    })
  })

  test('a role of another account: external ID and tags reach it; a tenant has no part in it', async () => {
    const across = clusterIssuerReference('mesh-ca-aws-across')
    const environment = await podIdentityVariables(stage.lab.workspace, POD)
    const allowed = '--issuer-ambient-credentials'
    await inPod({ name: 'across', args: [allowed], environment }, async () => {
      await applyAll('Assume a role')
      assert.deepEqual(await shows(across, 'True'), READY)
      const signer = `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/mesh-ca-signer/cluster-7`
      assert.ok(aws.calls().some(({ principal }) => principal === signer))
      const role = {
        roleARN: `${ROLE}/mesh-ca-signer`,
        externalID: 'cluster-8',
        tags: [{ key: 'cluster', value: 'cluster-7' }],
      }
      await stage.kube.patch(across, { spec: { awsPrivateCA: { assumeRole: [role] } } })
      assert.match(
        (await shows(across, 'False')).CredentialsReady ?? '',
        /^False\/AssumeRoleDenied: .*external ID and tags/,
      )

      assert.equal(
        (await shows(ambient, 'False/End')).CredentialsReady,
        `False/EndpointForbidden: the controller's own cloud credentials are not sent to ${new URL(aws.url).host}, which a namespaced issuer chose; set 'credentials', or have the operator add the host to --allowed-endpoints`,
      )
    })
    const listed = `--allowed-endpoints=${new URL(aws.url).host}`
    await inPod({ name: 'listed', args: [allowed, listed], environment }, async () => {
      assert.deepEqual(await shows(ambient, 'True'), READY)
    })
  })

  test('names in its policies what was called, and nothing else', () => {
    const named = policiesOf(below('')).flatMap(actionsOf)
    const called = aws.journal.entries.map(({ service, operation }) => `${service}:${operation}`)
    // STS asks for this one where a session carries tags.
    const implied = 'sts:TagSession'
    assert.deepEqual([...new Set(named)].sort(), [...new Set([...called, implied])].sort())
  })
})

/** The address of AWS, where an object has a place for it. */
function led({ endpoints }: Aws, object: KubeObject): KubeObject {
  if (!isIssuer(object)) return object
  const spec = { ...object.spec, awsPrivateCA: { ...object.spec.awsPrivateCA, ...endpoints } }
  return { ...object, ...{ spec } }
}
