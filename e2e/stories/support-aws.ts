import { type caSecret, issuer } from '../harness/objects.ts'
import { AWS_USER, type Aws, type AwsOptions, startAws } from '../lab/acm-pca.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { openScene, openStage, type Scene, type SceneOptions, type Stage } from './support-scene.ts'

/** What a controller needs for AWS to be on loopback. */
export const AWS_ARGS = ['--insecure-endpoints'] as const

/** Name of the Secret with the access keys of the lab's user. */
export const KEYS = 'aws-keys'

export interface AccessKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A Secret with access keys under the names that an issuer looks for by itself. */
export function keysSecret(
  namespace: string,
  { accessKeyId, secretAccessKey, sessionToken }: AccessKeys,
  name: string = KEYS,
): ReturnType<typeof caSecret> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    stringData: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
    },
  }
}

export interface AwsIssuer {
  /** None: a MeshCAClusterIssuer. */
  readonly namespace?: string
  readonly name: string
  readonly arn: string
  /** Over endpoints and the keys in Secret `aws-keys`; `credentials: undefined` leaves them out. */
  readonly pca?: Readonly<Record<string, unknown>>
  /** Beside `awsPrivateCA`. */
  readonly spec?: Readonly<Record<string, unknown>>
}

/** An issuer on a CA of the lab's AWS. */
export function awsIssuer(aws: Pick<Aws, 'endpoints'>, { arn, pca = {}, spec = {}, ...named }: AwsIssuer): KubeObject {
  const awsPrivateCA = { arn, ...aws.endpoints, credentials: { secretRef: { name: KEYS } }, ...pca }
  return issuer({ ...named, spec: { awsPrivateCA, ...spec } })
}

export interface AwsSceneOptions extends Omit<SceneOptions, 'crds'> {
  readonly aws: AwsOptions
}

/** A scene with AWS beside it, and its user's keys in each namespace. */
export interface AwsScene extends Scene {
  readonly aws: Aws
}

export type AwsStage = Stage & Pick<AwsScene, 'aws'>

/** Opens a scene whose controller takes http:// endpoints. */
export async function openAwsScene({
  aws: awsOptions,
  controller = {},
  ...options
}: AwsSceneOptions): Promise<AwsScene> {
  const args = [...AWS_ARGS, ...(controller.args ?? [])]
  const scene = await openScene({ ...options, controller: { ...controller, args } })
  return { ...scene, aws: await beside(scene, options, awsOptions) }
}

/** As a scene, without a controller. */
export async function openAwsStage({ aws: awsOptions, ...options }: AwsSceneOptions): Promise<AwsStage> {
  const stage = await openStage(options)
  return { ...stage, aws: await beside(stage, options, awsOptions) }
}

async function beside(
  { lab, kube, stop }: Stage,
  { namespaces = [] }: Pick<SceneOptions, 'namespaces'>,
  options: AwsOptions,
): Promise<Aws> {
  try {
    const aws = await startAws(lab.workspace, options)
    const [user] = options.credentials ?? []
    await Promise.all(namespaces.map((one) => kube.apply(keysSecret(one, user ?? AWS_USER))))
    return aws
  } catch (error) {
    await stop()
    throw error
  }
}
