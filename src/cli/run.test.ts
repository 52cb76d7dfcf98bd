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
