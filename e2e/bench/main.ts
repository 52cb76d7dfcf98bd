import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type BenchCluster, startBenchCluster } from './cluster.ts'
import { type Bundle, buildBundle } from './controller.ts'
import { measureInFullCluster, measureRounds } from './measure.ts'
import { FULL_PLAN, type Plan, QUICK_PLAN } from './plan.ts'
import { resultRows } from './result.ts'
import { measureStarts } from './starts.ts'
import { markdownTable } from './table.ts'

const HELP = `npm run bench [-- --quick]

Measures the built controller with the local CA on a real API server with cert-manager's webhook, beside what that
server could do at most: answers that were made before, each written with one patch. Takes about five minutes.

  --quick  measures little, to see that everything works; its figures say nothing
  --help   prints this
`

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function bench(plan: Plan, cluster: BenchCluster, bundle: Bundle): Promise<void> {
  const [load = 0] = loadavg()
  if (load > availableParallelism() / 2)
    say(`The machine is busy (load ${load.toFixed(1)}): repeat this on a quiet one.`)
  const variables = Object.entries(bundle.environment).map(([name, value]) => `${name}=${value} `)
  say(`The controller is started as: ${variables.join('')}node ${bundle.nodeFlags.join(' ')} mesh-ca.cjs controller`)
  const emptyStarts = await measureStarts(cluster, bundle, { name: 'empty', count: plan.starts })
  const rounds = await measureRounds(cluster, bundle, { plan, say })
  const full = await measureInFullCluster(cluster, bundle, { plan, say })
  const rows = resultRows(plan, { emptyStarts, ...rounds, ...full })
  process.stdout.write(`
Node ${process.version}, ${availableParallelism()} cores; medians of ${plan.rounds} rounds and ${plan.starts} starts.

${markdownTable(rows)}
`)
}

async function main(): Promise<void> {
  const options = { quick: { type: 'boolean' }, help: { type: 'boolean' } } as const
  const { values } = parseArgs({ options })
  if (values.help === true) {
    process.stdout.write(HELP)
    return
  }
  const plan = values.quick === true ? QUICK_PLAN : FULL_PLAN
  const bundle = await buildBundle()
  const cluster = await startBenchCluster(plan.requests)
  try {
    await bench(plan, cluster, bundle)
  } finally {
    await cluster.lab.stop()
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
