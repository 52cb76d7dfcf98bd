/** Shapes of Kubernetes objects, as far as tests look at them. */

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[]
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly observedGeneration?: number
}

/** Anything with conditions: an issuer, a Certificate, a request, a CRD. */
export interface Conditioned extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] }
}

export interface Secret extends KubeObject {
  readonly type?: string
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>
}

export interface Certificate extends Conditioned {
  readonly spec: { readonly secretName: string; readonly issuerRef: { readonly name: string } }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly revision?: number
    readonly notAfter?: string
    readonly failedIssuanceAttempts?: number
    readonly lastFailureTime?: string
  }
}

export interface CertificateRequest extends Conditioned {
  readonly spec: { readonly request: string; readonly username?: string }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly certificate?: string
    readonly ca?: string
    readonly failureTime?: string
  }
}

/** The condition of that type, if the object has it. */
export function conditionOf(object: Conditioned | undefined, type: string): Condition | undefined {
  return object?.status?.conditions?.find((condition) => condition.type === type)
}

/** Whether the condition is True, and not for an older generation of the spec. */
export function isTrue(object: Conditioned | undefined, type: string): boolean {
  const condition = conditionOf(object, type)
  if (condition?.status !== 'True') return false
  return condition.observedGeneration === undefined || condition.observedGeneration === object?.metadata.generation
}

/** A Secret's value as text, or undefined when the key is missing. */
export function secretText(secret: Secret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key]
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
}
