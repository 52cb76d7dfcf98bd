import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadKubeConfig } from './kube-config.ts'

function config(name: string, server: string, current?: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...(name === 'socks' && { 'proxy-url': 'socks5://proxy.example' }) } }],
    users: [{ name, user: { token: 'secret' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    ...(current !== undefined && { 'current-context': current }),
  })
}

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-config-'))
  await writeFile(join(folder, 'one'), config('one', 'https://one.example:6443', 'one'))
  await writeFile(join(folder, 'two'), config('two', 'https://two.example:6443', 'two'))
  await writeFile(join(folder, 'none'), config('none', 'https://none.example:6443'))
  await writeFile(join(folder, 'clear'), config('clear', 'http://clear.example', 'clear'))
  await writeFile(join(folder, 'socks'), config('socks', 'https://one.example', 'socks'))
  await writeFile(join(folder, 'odd'), config('odd', 'one.example', 'odd'))
  await writeFile(join(folder, 'broken'), 'users: [{token: secret}')
})
after(() => rm(folder, { recursive: true }))

function pathOf(names: string): string {
  return names
    .split(' ')
    .map((name) => join(folder, name))
    .join(delimiter)
}

const LOADED = [
  { name: 'one file', names: 'one', context: undefined, server: 'https://one.example:6443' },
  {
    name: 'two files: the first context counts',
    names: 'one two',
    context: undefined,
    server: 'https://one.example:6443',
  },
  {
    name: 'a file without a context before another',
    names: 'none two',
    context: undefined,
    server: 'https://two.example:6443',
  },
  {
    name: 'the file that is there',
    names: 'missing two missing-too',
    context: undefined,
    server: 'https://two.example:6443',
  },
  { name: 'a context that is asked for', names: 'one two', context: 'two', server: 'https://two.example:6443' },
]

for (const { name, names, context, server } of LOADED) {
  test(`finds the server of ${name}`, () => {
    assert.equal(loadKubeConfig(pathOf(names), context).getCurrentCluster()?.server, server)
  })
}

const REFUSED = [
  { names: 'missing', message: 'the kubeconfig cannot be read (ENOENT); check KUBECONFIG' },
  { names: 'missing missing-too', message: 'the kubeconfig cannot be read (ENOENT); check KUBECONFIG' },
  { names: 'broken', message: 'the kubeconfig cannot be read; check KUBECONFIG' },
  { names: 'none', message: 'the kubeconfig has no current context; choose one with --context' },
  {
    names: 'one',
    context: 'two',
    message: 'the kubeconfig has no context two with a cluster; choose another with --context',
  },
  { names: 'socks', message: 'the proxy of the kubeconfig must be http:// or https://; other kinds are not supported' },
  { names: 'odd', message: 'the server of the kubeconfig is not a URL such as https://host:6443' },
  {
    names: 'clear',
    message: 'the server of the kubeconfig is http://, which would send the token in the clear; use https://',
  },
]

for (const { names, context, message } of REFUSED) {
  test(`refuses ${names} ${context === undefined ? '' : `with context ${context} `}in one sentence`, () => {
    assert.throws(() => loadKubeConfig(pathOf(names), context), { name: 'KubeConfigError', message })
  })
}
