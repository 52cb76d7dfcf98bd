import { isObject, type JsonObject } from '../../src/api/read.ts'

/** Volumes that the Pod Security Standard "restricted" lets in. */
const VOLUMES = 'configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret'.split(' ')

/**
 * Where a pod breaks the Pod Security Standard "restricted" (Kubernetes documentation, Pod Security Standards), or our own
 * rule of a read-only root file system.
 */
export function violations(pod: JsonObject): readonly string[] {
  const podContext = object(pod.securityContext)
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((member) => pod[member] === true),
    ...(podContext.sysctls === undefined ? [] : ['sysctls']),
    ...list(pod.volumes)
      .flatMap((volume) => Object.keys(volume).filter((type) => type !== 'name' && !VOLUMES.includes(type)))
      .map((type) => `volume ${type}`),
    ...[...list(pod.containers), ...list(pod.initContainers)].flatMap((container) =>
      inContainer(container, podContext),
    ),
  ]
}

function inContainer(container: JsonObject, podContext: JsonObject): readonly string[] {
  const context = object(container.securityContext)
  const capabilities = object(context.capabilities)
  const effective = (member: string): unknown => context[member] ?? podContext[member]
  const rules: readonly (readonly [kept: boolean, said: string])[] = [
    [context.privileged !== true, 'privileged'],
    [context.allowPrivilegeEscalation === false, 'allowPrivilegeEscalation'],
    [context.readOnlyRootFilesystem === true, 'readOnlyRootFilesystem'],
    [context.procMount === undefined, 'procMount'],
    [effective('runAsNonRoot') === true, 'runAsNonRoot'],
    [effective('runAsUser') !== 0, 'runAsUser'],
    [['RuntimeDefault', 'Localhost'].includes(String(object(effective('seccompProfile')).type)), 'seccompProfile'],
    [effective('seLinuxOptions') === undefined, 'seLinuxOptions'],
    [effective('appArmorProfile') === undefined, 'appArmorProfile'],
    [Array.isArray(capabilities.drop) && capabilities.drop.includes('ALL'), 'capabilities.drop'],
    [capabilities.add === undefined, 'capabilities.add'],
    [list(container.ports).every(({ hostPort }) => hostPort === undefined), 'hostPort'],
  ]
  return rules.filter(([kept]) => !kept).map(([, said]) => said)
}

function object(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

function list(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
