import { gather } from '../../src/cli/gather.ts'
import { connect } from '../../src/cluster/client.ts'
import { loadKubeConfig } from '../../src/cluster/kube-config.ts'
import { examineCluster } from '../../src/doctor/cluster.ts'

const DAY_MS = 86_400_000

/** What `doctor` finds in each of these namespaces, without a process for each: the codes. */
export async function findingsIn(
  kubeconfig: string,
  context: string,
  namespaces: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = connect(loadKubeConfig(kubeconfig, context), () => performance.now())
  const approver = { namespace: 'cert-manager', name: 'cert-manager' }
  const found = new Map<string, readonly string[]>()
  try {
    for (const namespace of namespaces) {
      const facts = await gather({ name: context, client }, { namespace, approver, istiod: undefined })
      const { findings } = examineCluster(facts, { workloadTtlMs: DAY_MS, now: Date.now() })
      found.set(
        namespace,
        findings.map(({ code }) => code),
      )
    }
    return found
  } finally {
    await client.close()
  }
}
