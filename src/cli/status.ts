import { Command } from 'commander'
import { EXIT } from './exit.ts'
import { type Output, shared } from './options.ts'
import { print, printJson } from './print.ts'

interface Options {
  readonly context?: readonly string[]
  readonly namespace?: string
  readonly output: Output
}

const EXPLANATION = `
Times are UTC; ROOT is the beginning of the SHA-256 fingerprint of the root that the CA chains to,
the same in all clusters that share it. Only what the clusters say of themselves is shown: mesh-ca
doctor looks for what is wrong.

Exit codes: 0 shown, 1 something could not be read, 64 called wrongly.`

/** `mesh-ca status`: the issuers of a fleet, and the Certificates that they sign. */
export function statusCommand(finish: (code: number) => void): Command {
  return new Command('status')
    .description('show the issuers of one cluster or of a fleet, and the Certificates below them')
    .addOption(shared.contexts())
    .option('--namespace <name>', 'only MeshCAIssuers and Certificates of this namespace (default: all)')
    .addOption(shared.output())
    .addHelpText('after', EXPLANATION)
    .action(async (options: Options) => finish(await status(options)))
}

async function status({ context = [], namespace, output }: Options): Promise<number> {
  const [{ CLOCKS }, { withClusters }, { readStatus }, { clusterStatus }, words] = await Promise.all([
    import('../app.ts'),
    import('./clusters.ts'),
    import('./status-read.ts'),
    import('../doctor/status.ts'),
    import('./status-text.ts'),
  ])
  const clusters = await withClusters(context, CLOCKS.monotonic, (opened) =>
    Promise.all(opened.map(async (cluster) => clusterStatus(await readStatus(cluster, namespace)))),
  )
  await (output === 'json' ? printJson(words.statusJson(clusters)) : print(words.statusText(clusters)))
  return clusters.some(({ gaps }) => gaps.length > 0) ? EXIT.failed : EXIT.fine
}
