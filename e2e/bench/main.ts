import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { measureAws } from './aws.ts'
import { awsRows } from './aws-result.ts'
import { type BenchCluster, startBenchCluster } from './cluster.ts'
import { type Bundle, buildBundle } from './controller.ts'
import { type Measurement, measureInFullCluster, measureRounds } from './measure.ts'
import { FULL_PLAN, type Plan, QUICK_PLAN } from './plan.ts'
import { resultRows } from './result.ts'
import { measureShipped } from './shipped.ts'
import { shippedRows } from './shipped-result.ts'
import { measureStarts } from './starts.ts'
import { markdownTable, type Row } from './table.ts'
import { measureVault } from './vault.ts'
import { vaultRows } from './vault-result.ts'

const HELP = `npm run bench [-- --quick] [-- --only=local|aws|vault|shipped]

Measures the built controller with the local CA on a real API server with cert-manager's webhook, beside what that
server could do at most: answers that were made before, each written with one patch; then the same with AWS Private CA,
as a fake of it serves, and with OpenBao, beside the issuers that exist for them; last what the image runs, beside its
sources. Takes about a quarter of an hour, and a few minutes more when those issuers are built for the first time.

  --quick  measures little, to see that everything works; its figures say nothing
  --only   measures one back end
  --help   prints this
`

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

type Measure = (cluster: BenchCluster, bundle: Bundle, measurement: Measurement) => Promise<readonly Row[]>

/** By back end. */
const MEASURES: Readonly<Record<'aws' | 'local' | 'shipped' | 'vault', Measure>> = {
  aws: async (...all) => awsRows(await measureAws(...all)),
  vault: async (...all) => vaultRows(await measureVault(...all)),
  shipped: async (...all) => shippedRows(await measureShipped(...all)),
  local: async (cluster, bundle, { plan, say }) => {
    const emptyStarts = await measureStarts(cluster, bundle, { name: 'empty', count: plan.starts })
    const rounds = await measureRounds(cluster, bundle, { plan, say })
    const full = await measureInFullCluster(cluster, bundle, { plan, say })
    return resultRows(plan, { emptyStarts, ...rounds, ...full })
  },
}

function measuresFor(only: string | undefined): readonly (keyof typeof MEASURES)[] {
  const all = ['local', 'aws', 'vault', 'shipped'] as const
  if (only === undefined) return all
  const chosen = all.filter((name) => name === only)
  if (chosen.length === 0) throw new Error(`--only takes ${all.join(' or ')}, not ${only}.`)
  return chosen
}

/** Measures one back end in a cluster of its own, so that what one leaves behind is not in the way of the next. */
async function measure(name: keyof typeof MEASURES, plan: Plan, bundle: Bundle): Promise<readonly Row[]> {
  const cluster = await startBenchCluster(plan.requests)
  try {
    return await MEASURES[name](cluster, bundle, { plan, say })
  } finally {
    await cluster.lab.stop()
  }
}

function sayHow({ environment, nodeFlags }: Bundle): void {
  const [load = 0] = loadavg()
  if (load > availableParallelism() / 2)
    say(`The machine is busy (load ${load.toFixed(1)}): repeat this on a quiet one.`)
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value} `)
  say(`The controller is started as: ${variables.join('')}node ${nodeFlags.join(' ')} mesh-ca.cjs controller`)
}

async function main(): Promise<void> {
  const options = { quick: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } } as const
  const { values } = parseArgs({ options })
  if (values.help === true) {
    process.stdout.write(HELP)
    return
  }
  const plan = values.quick === true ? QUICK_PLAN : FULL_PLAN
  const backends = measuresFor(values.only)
  const bundle = await buildBundle()
  sayHow(bundle)
  const rows: Row[] = []
  for (const name of backends) rows.push(...(await measure(name, plan, bundle)))
  const medians = `${plan.rounds} rounds, ${plan.pkiRounds} with AWS and Vault, and ${plan.starts} starts`
  process.stdout.write(`
Node ${process.version}, ${availableParallelism()} cores; medians of ${medians}.

${markdownTable(rows)}
`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
