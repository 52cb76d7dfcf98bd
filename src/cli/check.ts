import { Argument, Command, Option } from 'commander'
import { type Issuer, readIssuer } from '../api/issuer.ts'
import { CLUSTER_ISSUER_KIND, ISSUER_KIND, type IssuerKind } from '../api/names.ts'
import { LOOK_AT_CONTEXT } from '../doctor/words.ts'
import { readSettings } from '../settings.ts'
import type { Cluster } from './clusters.ts'
import { EXIT, UsageError } from './exit.ts'
import { type Output, shared } from './options.ts'
import { print, printJson } from './print.ts'

interface Options {
  readonly kind?: IssuerKind
  readonly namespace?: string
  readonly context?: string
  readonly clusterResourceNamespace?: string
  readonly watchNamespaces?: string
  readonly skipNamespaces?: string
  readonly insecureEndpoints?: true
  readonly allowedEndpoints?: string
  readonly issuerAmbientCredentials?: true
  readonly output: Output
}

const EXPLANATION = `
ISSUER is namespace/name for a MeshCAIssuer, or name for a MeshCAClusterIssuer. What it refers to is
read with your own rights, and credentials that come from the controller's surroundings come from
yours here: where the two differ, so may the outcome. Nothing is signed and nothing is written.

Exit codes: 0 a request would be signed, 1 the command failed, 2 it would not be signed,
64 called wrongly.`

/** `mesh-ca check`: would this issuer sign, and how? */
export function checkCommand(finish: (code: number) => void): Command {
  return new Command('check')
    .description('try an issuer without signing: what it refers to, its PKI, and what a request would become')
    .addArgument(new Argument('<issuer>', 'the issuer to try'))
    .addOption(new Option('--kind <kind>', 'kind of the issuer').choices([ISSUER_KIND, CLUSTER_ISSUER_KIND]))
    .option(
      '--namespace <name>',
      'where the imagined Certificate is, for a MeshCAClusterIssuer (default: its mesh.namespace)',
    )
    .addOption(shared.context())
    .option('--cluster-resource-namespace <name>', "as the controller's; default mesh-ca-issuer")
    .option('--watch-namespaces <namespaces>', "as the controller's; default the whole cluster")
    .option('--skip-namespaces <namespaces>', "as the controller's")
    .option('--insecure-endpoints', "as the controller's")
    .option('--allowed-endpoints <hosts>', "as the controller's")
    .option('--issuer-ambient-credentials', "as the controller's")
    .addOption(shared.output())
    .addHelpText('after', EXPLANATION)
    .action(async (issuer: string, options: Options) => finish(await check(issuer, options)))
}

async function check(text: string, options: Options): Promise<number> {
  const name = nameOf(text, options.kind)
  const settings = readSettings({
    'cluster-resource-namespace': options.clusterResourceNamespace,
    'watch-namespaces': options.watchNamespaces,
    'skip-namespaces': options.skipNamespaces,
    'insecure-endpoints': options.insecureEndpoints,
    'allowed-endpoints': options.allowedEndpoints,
    'issuer-ambient-credentials': options.issuerAmbientCredentials,
  })
  const [{ CLOCKS }, { withCluster }, { backendOpener }, { callerServices }, { checkIssuer }, words] =
    await Promise.all([
      import('../app.ts'),
      import('./clusters.ts'),
      import('../backends/open.ts'),
      import('./caller.ts'),
      import('./check-issuer.ts'),
      import('./check-text.ts'),
    ])
  const checked = await withCluster(options.context, CLOCKS.monotonic, async (cluster) => {
    const { client } = cluster
    const open = backendOpener(callerServices(client, CLOCKS, settings.proxy))
    const { clusterResourceNamespace } = settings
    const deps = { client, open, policy: settings, scope: settings, clusterResourceNamespace, now: CLOCKS.now }
    return checkIssuer(deps, await readNamed(cluster, name), options.namespace)
  })
  await (options.output === 'json' ? printJson(words.checkJson(checked)) : print(words.checkText(checked)))
  return checked.decision.do === 'sign' ? EXIT.fine : EXIT.problems
}

interface IssuerName {
  readonly kind: IssuerKind
  /** Empty for the cluster kind. */
  readonly namespace: string
  readonly name: string
}

/** @throws UsageError where name and kind do not fit */
function nameOf(text: string, kind: IssuerKind | undefined): IssuerName {
  const [, namespace = '', name = ''] = /^(?:([^/]+)\/)?([^/]+)$/.exec(text) ?? []
  const meant = kind ?? (namespace === '' ? CLUSTER_ISSUER_KIND : ISSUER_KIND)
  if (name !== '' && (namespace === '') === (meant === CLUSTER_ISSUER_KIND)) return { kind: meant, namespace, name }
  throw new UsageError('name a MeshCAIssuer as namespace/name, and a MeshCAClusterIssuer by its name alone')
}

async function readNamed({ client }: Cluster, { kind, namespace, name }: IssuerName): Promise<Issuer> {
  const [{ ask }, { issuer }] = await Promise.all([import('./ask.ts'), import('./paths.ts')])
  const answer = await ask(client, { ...issuer(kind, namespace, name), read: readIssuer })
  switch (answer.state) {
    case 'read':
      return answer.value
    case 'absent':
      throw new Error(
        `there is no ${kind} ${namespace === '' ? name : `${namespace}/${name}`}; correct its name, or choose another --context`,
      )
    case 'forbidden':
      throw new Error(`the kubeconfig's user may not ${answer.right}; have a role grant it`)
    case 'failed':
      throw new Error(`${answer.message}; ${LOOK_AT_CONTEXT}`)
  }
}
