import { Command } from 'commander'
import type { Account } from './approvals.ts'
import { exitFor, UsageError } from './exit.ts'
import { collect, durationOption, type Output, shared } from './options.ts'
import { print, printJson } from './print.ts'

interface Options {
  readonly context?: readonly string[]
  readonly namespace: string
  readonly istiod?: readonly string[]
  readonly approver: string
  readonly workloadTtl: string
  readonly strict?: true
  readonly output: Output
}

const EXPLANATION = `
It only reads, with your own rights: issuers and CRDs, and in istiod's namespace Certificates,
CertificateRequests, the Secret cacerts and the ConfigMap istio-ca-root-cert; what you may not read
is told as a finding. docs/troubleshooting.md has a section for each finding.

Exit codes: 0 fine; 1 warnings (with --strict), something could not be looked at, or the command
itself failed; 2 problems; 64 called wrongly.`

/** `mesh-ca doctor`: what is wrong with the CA of istiod, in one cluster or in all of a mesh. */
export function doctorCommand(finish: (code: number) => void): Command {
  return new Command('doctor')
    .description("look for what is wrong with istiod's CA, and for what will hurt")
    .addOption(shared.contexts())
    .option('--namespace <name>', 'namespace that istiod runs in', 'istio-system')
    .option(
      '--istiod <address>',
      "[context=]host:port of istiod's TLS port (15012), to see the CA that it really uses; once for each cluster",
      collect,
    )
    .option(
      '--approver <account>',
      'ServiceAccount that approves requests, as namespace/name',
      'cert-manager/cert-manager',
    )
    .addOption(shared.workloadTtl())
    .addOption(shared.strict())
    .addOption(shared.output())
    .addHelpText('after', EXPLANATION)
    .action(async (options: Options) => finish(await doctor(options)))
}

async function doctor(options: Options): Promise<number> {
  const { context = [], namespace } = options
  const workloadTtlMs = durationOption('workload-ttl', options.workloadTtl)
  const approver = accountOf(options.approver)
  const addresses = (options.istiod ?? []).map((text) => addressOf(text, context))
  const [{ CLOCKS }, { withClusters }, { gather }, { examineCluster }, { examineFleet }, words] = await Promise.all([
    import('../app.ts'),
    import('./clusters.ts'),
    import('./gather.ts'),
    import('../doctor/cluster.ts'),
    import('../doctor/fleet.ts'),
    import('./doctor-text.ts'),
  ])
  const facts = await withClusters(context, CLOCKS.monotonic, (clusters) =>
    Promise.all(
      clusters.map((cluster) => {
        const istiod = addresses.find((one) => one.context === undefined || one.context === cluster.name)
        return gather(cluster, { namespace, approver, istiod })
      }),
    ),
  )
  const now = CLOCKS.now()
  const clusters = facts.map((one) => examineCluster(one, { workloadTtlMs, now }))
  const report = { clusters, fleet: examineFleet(clusters), now }
  await (options.output === 'json' ? printJson(words.doctorJson(report)) : print(words.doctorText(report)))
  return exitFor(words.allFindings(report), options.strict === true)
}

function accountOf(text: string): Account {
  const [, namespace, name] = /^([^/]+)\/([^/]+)$/.exec(text) ?? []
  if (namespace !== undefined && name !== undefined) return { namespace, name }
  throw new UsageError('--approver must be a ServiceAccount such as cert-manager/cert-manager')
}

interface Address {
  readonly context: string | undefined
  readonly host: string
  readonly port: number
}

/** The last `=` counts, since names of contexts may hold some. */
function addressOf(text: string, contexts: readonly string[]): Address {
  const [, context, bracketed, plain, port] = /^(?:(.+)=)?(?:\[([^\]]+)\]|([^:=[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError('--istiod must be an address such as 127.0.0.1:15012, or context=127.0.0.1:15012')
  if (context === undefined && contexts.length > 1)
    throw new UsageError('with several contexts, write --istiod as context=host:port')
  if (context !== undefined && !contexts.includes(context))
    throw new UsageError(`--istiod names the context ${context}, which no --context names`)
  return { context, host, port: Number(port) }
}
