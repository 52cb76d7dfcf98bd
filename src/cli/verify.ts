import { Argument, Command } from 'commander'
import type { CacertsInput } from '../doctor/cacerts-read.ts'
import type { MeshNames } from '../pki/trial.ts'
import { exitFor } from './exit.ts'
import { collect, durationOption, type Output, shared, timeOption } from './options.ts'
import { print, printJson } from './print.ts'

interface Options {
  readonly context?: string
  readonly trustDomain: string
  readonly istioNamespace: string
  readonly revision?: readonly string[]
  readonly dnsName?: readonly string[]
  readonly workloadTtl: string
  readonly at?: string
  readonly strict?: true
  readonly output: Output
}

const EXPLANATION = `
SOURCE is secret/<namespace>/<name>, a folder whose files are named like the keys of that Secret,
or files of PEM: istiod's CA first, then its chain and the roots; the key may be left out.

Exit codes: 0 fine; 1 warnings (with --strict), or the command itself failed; 2 istiod would not
load it, or what it signs would be refused; 64 called wrongly.`

/** `mesh-ca verify`: would istiod load this, and would what it then signs be accepted? */
export function verifyCommand(finish: (code: number) => void): Command {
  return new Command('verify')
    .description('tell whether istiod would load a CA, and whether workloads below it would be accepted')
    .addArgument(new Argument('<source...>', 'what to verify'))
    .addOption(shared.context())
    .option('--trust-domain <name>', 'trust domain of the mesh', 'cluster.local')
    .option('--istio-namespace <name>', 'namespace that istiod runs in', 'istio-system')
    .option('--revision <name>', "revision of istiod beside 'default'; may be repeated", collect)
    .option('--dns-name <name>', "further DNS name of istiod's serving certificate; may be repeated", collect)
    .addOption(shared.workloadTtl())
    .option('--at <time>', 'judge as of this time (RFC 3339) instead of now')
    .addOption(shared.strict())
    .addOption(shared.output())
    .addHelpText('after', EXPLANATION)
    .action(async (sources: readonly string[], options: Options) => finish(await verify(sources, options)))
}

async function verify(sources: readonly string[], options: Options): Promise<number> {
  const workloadTtlMs = durationOption('workload-ttl', options.workloadTtl)
  const at = timeOption('at', options.at)
  const [{ CLOCKS }, { judgeCacerts }, words] = await Promise.all([
    import('../app.ts'),
    import('../doctor/cacerts.ts'),
    import('./verify-text.ts'),
  ])
  const input = await readSource(sources, options.context, CLOCKS.monotonic)
  const now = at ?? CLOCKS.now()
  const report = judgeCacerts({ ...input, mesh: meshOf(options), workloadTtlMs, now })
  if (options.output === 'json') await printJson(words.verifyJson(report, input.where))
  else await print(words.verifyText(report, input.where, now))
  return exitFor(report.findings, options.strict === true)
}

async function readSource(
  sources: readonly string[],
  context: string | undefined,
  monotonic: () => number,
): Promise<CacertsInput> {
  const source = await import('./verify-source.ts')
  const secret = source.secretSource(sources)
  if (secret === undefined) return source.readFileSource(sources)
  const { withCluster } = await import('./clusters.ts')
  return withCluster(context, monotonic, (cluster) => source.readSecretSource(cluster, secret))
}

function meshOf({ trustDomain, istioNamespace, revision = [], dnsName = [] }: Options): MeshNames {
  return { trustDomain, namespace: istioNamespace, revisions: revision, extraDNSNames: dnsName }
}
