import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { type Environment, SETTINGS, variableOf } from '../settings.ts'
import { controllerCommand } from './controller.ts'
import { run } from './run.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command in this process; what it prints is caught. */
async function ranWith(t: TestContext, args: readonly string[], environment: Environment = {}): Promise<Ran> {
  const [out, err] = [caught(t, process.stdout), caught(t, process.stderr)]
  Object.assign(process.env, environment)
  try {
    return { code: await run(args), out: out.end(), err: err.end() }
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
  }
}

/** Catches the text that is written; octets are the test runner's own. */
function caught(t: TestContext, stream: NodeJS.WriteStream): { readonly end: () => string } {
  const texts: string[] = []
  const write = stream.write.bind(stream)
  const { mock } = t.mock.method(stream, 'write', (chunk: string | Uint8Array, done?: () => void) => {
    if (typeof chunk !== 'string') return write(chunk)
    texts.push(chunk)
    done?.()
    return true
  })
  return {
    end: () => {
      mock.restore()
      return texts.join('')
    },
  }
}

test('help of a command lists every option, its variable and its standard', () => {
  const help = controllerCommand().helpInformation().replace(/\s+/g, ' ')
  for (const { name, standard, help: words } of SETTINGS) {
    assert.ok(help.includes(`--${name} `), name)
    assert.ok(help.includes(words), name)
    assert.ok(help.includes(`(${variableOf(name)}${standard === '' ? '' : `, default ${standard}`})`), name)
  }
})

test('every option that help lists is a setting', () => {
  const listed = controllerCommand().options.map(({ long }) => long)
  assert.deepEqual(
    listed,
    SETTINGS.map(({ name }) => `--${name}`),
  )
})

const CALLS: readonly {
  readonly name: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly code: number
  readonly out?: RegExp
  readonly err?: RegExp
}[] = [
  { name: 'help', args: ['--help'], code: 0, out: /controller/ },
  { name: 'help of a command', args: ['controller', '--help'], code: 0, out: /MESHCA_HTTP_ADDR/ },
  { name: 'help of doctor', args: ['doctor', '--help'], code: 0, out: /Exit codes: 0 fine/ },
  { name: 'help of verify', args: ['verify', '--help'], code: 0, out: /Exit codes: 0 fine/ },
  {
    name: 'an account that is none',
    args: ['doctor', '--approver', 'cert-manager'],
    code: 64,
    err: /^mesh-ca: --approver must be a ServiceAccount such as cert-manager\/cert-manager\n$/,
  },
  {
    name: 'an address without a port',
    args: ['doctor', '--istiod=istiod'],
    code: 64,
    err: /^mesh-ca: --istiod must be an address such as 127.0.0.1:15012, or context=127.0.0.1:15012\n$/,
  },
  {
    name: 'one address for two clusters',
    args: ['doctor', '--context=a', '--context=b', '--istiod=127.0.0.1:15012'],
    code: 64,
    err: /^mesh-ca: with several contexts, write --istiod as context=host:port\n$/,
  },
  {
    name: 'an address of a cluster that is not asked about',
    args: ['doctor', '--context=a', '--istiod=b=127.0.0.1:15012'],
    code: 64,
    err: /^mesh-ca: --istiod names the context b, which no --context names\n$/,
  },
  {
    name: 'a life that is none',
    args: ['doctor', '--workload-ttl=1'],
    code: 64,
    err: /^mesh-ca: --workload-ttl must be a duration such as 24h or 90m\n$/,
  },
  {
    name: 'a time that is none',
    args: ['verify', 'cacerts', '--at=tomorrow'],
    code: 64,
    err: /^mesh-ca: --at must be a time such as 2026-12-31T12:00:00Z\n$/,
  },
  {
    name: 'a context that does not exist',
    args: ['doctor', '--context=nowhere'],
    environment: { KUBECONFIG: '/does/not/exist' },
    code: 64,
    err: /^mesh-ca: the kubeconfig cannot be read \(ENOENT\); check KUBECONFIG\n$/,
  },
  { name: 'nothing to verify', args: ['verify'], code: 64, err: /missing required argument 'source'/ },
  {
    name: 'a file that does not exist',
    args: ['verify', '/does/not/exist'],
    code: 64,
    err: /^mesh-ca: \/does\/not\/exist cannot be read \(ENOENT\); name a file of PEM, a folder, or secret\/<namespace>\/<name>\n$/,
  },
  {
    name: 'a Secret and more',
    args: ['verify', 'secret/istio-system/cacerts', 'ca.crt'],
    code: 64,
    err: /^mesh-ca: a Secret is verified alone; name it and nothing else\n$/,
  },
  { name: 'help of status', args: ['status', '--help'], code: 0, out: /Exit codes: 0 shown/ },
  { name: 'help of check', args: ['check', '--help'], code: 0, out: /Exit codes: 0 a request would be signed/ },
  { name: 'no issuer to check', args: ['check'], code: 64, err: /missing required argument 'issuer'/ },
  {
    name: 'a kind that does not fit the name',
    args: ['check', 'istio-system/mesh', '--kind=MeshCAClusterIssuer'],
    code: 64,
    err: /^mesh-ca: name a MeshCAIssuer as namespace\/name, and a MeshCAClusterIssuer by its name alone\n$/,
  },
  {
    name: 'a scope of two kinds',
    args: ['check', 'mesh', '--watch-namespaces=a', '--skip-namespaces=b'],
    code: 64,
    err: /^mesh-ca: --watch-namespaces and --skip-namespaces exclude one another/,
  },
  { name: 'a kind of others', args: ['check', 'mesh', '--kind=Issuer'], code: 64, err: /Allowed choices are MeshCA/ },
  { name: 'an argument too many for status', args: ['status', 'east'], code: 64, err: /too many arguments/ },
  { name: 'an unknown option of doctor', args: ['doctor', '--fix'], code: 64, err: /unknown option '--fix'/ },
  { name: 'another format', args: ['doctor', '--output=yaml'], code: 64, err: /Allowed choices are text, json/ },
  { name: 'no command', args: [], code: 64, err: /controller/ },
  { name: 'an unknown command', args: ['kontroller'], code: 64, err: /unknown command/ },
  { name: 'an unknown option', args: ['controller', '--worker=3'], code: 64, err: /unknown option '--worker=3'/ },
  { name: 'an argument too many', args: ['controller', 'now'], code: 64, err: /too many arguments/ },
  { name: 'an option without its value', args: ['controller', '--workers'], code: 64, err: /argument missing/ },
  {
    name: 'a bad value',
    args: ['controller', '--workers=0'],
    code: 64,
    err: /^mesh-ca: --workers must be a whole number from 1 to 256\n$/,
  },
  {
    name: 'a bad value in the environment',
    args: ['controller'],
    environment: { MESHCA_LOG_LEVEL: 'loud' },
    code: 64,
    err: /^mesh-ca: --log-level must be debug, info, warn or error\n$/,
  },
  {
    name: 'an unknown variable',
    args: ['controller'],
    environment: { MESHCA_WROKERS: '3' },
    code: 64,
    err: /^mesh-ca: the variable MESHCA_WROKERS is not a setting; --help lists them\n$/,
  },
  {
    name: 'flags without a value, before a bad one',
    args: ['controller', '--leader-elect', '--insecure-endpoints', '--workers=0'],
    code: 64,
    err: /--workers must be/,
  },
]

for (const { name, args, environment, code, out, err } of CALLS) {
  test(`called with ${name}`, async (t) => {
    const ran = await ranWith(t, args, environment)
    assert.equal(ran.code, code, ran.err)
    if (out !== undefined) assert.match(ran.out, out)
    if (err !== undefined) assert.match(ran.err, err)
  })
}

test('a fault at the start is one line for a person, and a code', async () => {
  const main = join(import.meta.dirname, '../main.ts')
  const env = { PATH: process.env.PATH ?? '', KUBECONFIG: '/does/not/exist' }
  await assert.rejects(promisify(execFile)(process.execPath, [main, 'controller'], { env }), (error) => {
    assert.ok(error instanceof Error && 'code' in error && 'stderr' in error)
    assert.equal(error.code, 1)
    assert.match(String(error.stderr), /^mesh-ca: .+\n$/)
    return true
  })
})
