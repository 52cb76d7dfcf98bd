import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Environment, readSettings, SETTINGS, type Settings, SettingsError, variableOf } from './settings.ts'

const STANDARD: Settings = {
  leaderElect: true,
  leaseName: 'mesh-ca-issuer',
  leaderElection: { durationMs: 15_000, deadlineMs: 10_000, retryMs: 2000 },
  httpAddr: ':8080',
  statusAddr: '127.0.0.1:8081',
  clusterResourceNamespace: 'mesh-ca-issuer',
  watchNamespaces: [],
  skipNamespaces: [],
  clusterId: undefined,
  insecureEndpoints: false,
  allowedEndpoints: [],
  issuerAmbientCredentials: false,
  workers: 16,
  recheckIntervalMs: 30_000,
  logLevel: 'info',
  kubeconfig: undefined,
  context: undefined,
  proxy: undefined,
}

test('without flags and variables, the standards', () => assert.deepEqual(readSettings({}, {}), STANDARD))

interface Row {
  readonly name: string
  readonly text: string
  readonly expected: Partial<Settings>
  readonly wrong: readonly string[]
  readonly message: string
}

const TRUTH = ['', 'yes', 'TRUE', '1', ' true']

const ROWS: readonly Row[] = [
  {
    name: 'leader-elect',
    text: 'false',
    expected: { leaderElect: false },
    wrong: TRUTH,
    message: '--leader-elect must be true or false',
  },
  {
    name: 'leader-election-lease-name',
    text: 'team-a.mesh-ca-1',
    expected: { leaseName: 'team-a.mesh-ca-1' },
    wrong: ['', 'Mesh', '-a', 'a-', 'a.', '.a', 'a..b', 'a.-b', 'a_b', 'a/b', 'a'.repeat(254), 'a\n'],
    message: '--leader-election-lease-name must be the name of a Lease: a DNS subdomain of at most 253 characters',
  },
  {
    name: 'leader-election-lease-duration',
    text: '1m',
    expected: { leaderElection: { durationMs: 60_000, deadlineMs: 10_000, retryMs: 2000 } },
    wrong: ['', '15', '0s', '-15s', '999ms', '1h1s', 'NaN'],
    message: '--leader-election-lease-duration must be a duration from 1s to 1h, such as 15s',
  },
  {
    name: 'leader-election-renew-deadline',
    text: '14s',
    expected: { leaderElection: { durationMs: 15_000, deadlineMs: 14_000, retryMs: 2000 } },
    wrong: ['', '10', '0s', '-10s', '999ms', '1h1s'],
    message: '--leader-election-renew-deadline must be a duration from 1s to 1h, such as 10s',
  },
  {
    name: 'leader-election-retry-period',
    text: '100ms',
    expected: { leaderElection: { durationMs: 15_000, deadlineMs: 10_000, retryMs: 100 } },
    wrong: ['', '2', '0s', '-2s', '99ms', '1h1s'],
    message: '--leader-election-retry-period must be a duration from 100ms to 1h, such as 2s',
  },
  {
    name: 'http-addr',
    text: '127.0.0.1:9090',
    expected: { httpAddr: '127.0.0.1:9090' },
    wrong: ['', '8080', ':', ':x', ':65536', 'http://a:1', 'a b:1', '::1:8080', '[::1]', ':8080 '],
    message: '--http-addr must be an address such as :8080 or 127.0.0.1:8080',
  },
  {
    name: 'status-addr',
    text: ':8082',
    expected: { statusAddr: ':8082' },
    wrong: ['8081', ':', ':65536', '::1:8081', '[::1]', 'off'],
    message: '--status-addr must be an address such as :8080 or 127.0.0.1:8080',
  },
  {
    name: 'cluster-resource-namespace',
    text: 'pki',
    expected: { clusterResourceNamespace: 'pki' },
    wrong: ['', 'Pki', '-a', 'a-', 'a/b', '..', 'a'.repeat(64), 'a\n'],
    message: '--cluster-resource-namespace must be the name of a namespace',
  },
  {
    name: 'watch-namespaces',
    text: 'istio-system, team-a',
    expected: { watchNamespaces: ['istio-system', 'team-a'] },
    wrong: [',', 'a,', 'a,,b', ' ', 'A', 'a b', 'a;b', '*', 'a/b', 'a,b,a', 'a'.repeat(64)],
    message: '--watch-namespaces must be names of namespaces, separated by commas, each once',
  },
  {
    name: 'skip-namespaces',
    text: 'istio-system, team-a',
    expected: { skipNamespaces: ['istio-system', 'team-a'] },
    wrong: [',', 'A', 'a,a'],
    message: '--skip-namespaces must be names of namespaces, separated by commas, each once',
  },
  { name: 'cluster-id', text: 'c-1', expected: { clusterId: 'c-1' }, wrong: [], message: '' },
  {
    name: 'insecure-endpoints',
    text: 'true',
    expected: { insecureEndpoints: true },
    wrong: TRUTH,
    message: '--insecure-endpoints must be true or false',
  },
  {
    name: 'allowed-endpoints',
    text: ' a.example , b.example,,',
    expected: { allowedEndpoints: ['a.example', 'b.example'] },
    wrong: [],
    message: '',
  },
  {
    name: 'issuer-ambient-credentials',
    text: 'true',
    expected: { issuerAmbientCredentials: true },
    wrong: TRUTH,
    message: '--issuer-ambient-credentials must be true or false',
  },
  {
    name: 'workers',
    text: '256',
    expected: { workers: 256 },
    wrong: ['', '0', '257', '-1', '1.5', '1e2', '0x10', 'NaN', 'Infinity', '9'.repeat(400), '１'],
    message: '--workers must be a whole number from 1 to 256',
  },
  {
    name: 'recheck-interval',
    text: '1m',
    expected: { recheckIntervalMs: 60_000 },
    wrong: ['', '30', '999ms', '-30s', '0s', 'NaN', '24h1s', '600h'],
    message: '--recheck-interval must be a duration from 1s to 24h, such as 30s',
  },
  {
    name: 'log-level',
    text: 'debug',
    expected: { logLevel: 'debug' },
    wrong: ['', 'trace', 'INFO', '__proto__'],
    message: '--log-level must be debug, info, warn or error',
  },
  { name: 'context', text: 'lab', expected: { context: 'lab' }, wrong: [], message: '' },
]

test('every setting has its row here', () => {
  assert.deepEqual(
    ROWS.map(({ name }) => name),
    SETTINGS.map(({ name }) => name),
  )
})

for (const { name, text, expected, wrong, message } of ROWS) {
  test(`--${name} by flag, by variable, and the flag wins`, () => {
    const variable = variableOf(name)
    assert.deepEqual(readSettings({ [name]: text }, {}), { ...STANDARD, ...expected })
    assert.deepEqual(readSettings({}, { [variable]: text }), { ...STANDARD, ...expected })
    assert.deepEqual(readSettings({ [name]: text }, { [variable]: 'other' }), { ...STANDARD, ...expected })
    assert.deepEqual(readSettings({ [name]: undefined }, { [variable]: text }), { ...STANDARD, ...expected })
  })
  for (const value of wrong) {
    test(`--${name} refuses ${JSON.stringify(value.slice(0, 20))}`, () => {
      assert.throws(() => readSettings({ [name]: value }, {}), { name: 'SettingsError', message })
      assert.throws(() => readSettings({}, { [variableOf(name)]: value }), { name: 'SettingsError', message })
    })
  }
}

test('namespaces are listed to be served, or to be left to others, and not both', () => {
  const both = { 'watch-namespaces': 'a', 'skip-namespaces': 'b' }
  const message = '--watch-namespaces and --skip-namespaces exclude one another'
  assert.throws(() => readSettings(both, {}), { name: 'SettingsError', message })
  assert.throws(() => readSettings({ 'watch-namespaces': 'a' }, { MESHCA_SKIP_NAMESPACES: 'b' }), { message })
})

test('a flag without a value says true', () => {
  assert.equal(readSettings({ 'insecure-endpoints': true }, {}).insecureEndpoints, true)
  assert.equal(readSettings({ 'leader-elect': true }, {}).leaderElect, true)
})

for (const address of [':0', ':65535', 'localhost:1', '[::1]:8080', '0.0.0.0:80'])
  test(`--http-addr takes ${address}`, () => assert.equal(readSettings({ 'http-addr': address }, {}).httpAddr, address))

test('the status page is served nowhere where its address is empty', () => {
  assert.equal(readSettings({ 'status-addr': '' }, {}).statusAddr, undefined)
  assert.equal(readSettings({}, { MESHCA_STATUS_ADDR: '' }).statusAddr, undefined)
})

test('the kubeconfig is where kubectl looks', () => {
  assert.equal(readSettings({}, { KUBECONFIG: '/a/b' }).kubeconfig, '/a/b')
  assert.equal(readSettings({}, { KUBECONFIG: '' }).kubeconfig, undefined)
})

for (const name of ['MESHCA_', 'MESHCA_WORKER', 'MESHCA_LEADERELECT', 'MESHCA_workers'])
  test(`the variable ${name} is refused`, () => {
    const message = `the variable ${name} is not a setting; --help lists them`
    assert.throws(() => readSettings({}, { [name]: '1' }), { name: 'SettingsError', message })
  })

test('variables of others are let be', () => {
  const environment: Environment = { MESH_CA_WORKERS: 'x', meshca_workers: 'x', PATH: '/bin', XMESHCA_WORKERS: 'x' }
  assert.deepEqual(readSettings({}, environment), STANDARD)
})

test('settings cannot be changed', () => {
  const settings = readSettings({ 'allowed-endpoints': 'a' }, {})
  assert.ok(Object.isFrozen(settings))
  assert.ok(Object.isFrozen(settings.allowedEndpoints))
  assert.ok(Object.isFrozen(settings.watchNamespaces))
  assert.ok(Object.isFrozen(settings.skipNamespaces))
  assert.ok(Object.isFrozen(settings.leaderElection))
})

test('an error names no value', () => {
  try {
    readSettings({ workers: 'a-secret' }, {})
    assert.fail()
  } catch (error) {
    assert.ok(error instanceof SettingsError)
    assert.doesNotMatch(error.message, /a-secret/)
  }
})

test('every setting is used somewhere', () => {
  const sources = globSync('**/*.ts', { cwd: import.meta.dirname })
    .filter((file) => !file.endsWith('.test.ts') && !file.startsWith('testing/') && file !== 'settings.ts')
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  const unused = Object.keys(STANDARD).filter(
    (name) => !sources.some((source) => new RegExp(`\\b${name}\\b`).test(source)),
  )
  assert.deepEqual(unused, [])
})

const PROXIES: readonly { readonly environment: Environment; readonly proxy: Settings['proxy'] }[] = [
  { environment: { HTTPS_PROXY: '' }, proxy: undefined },
  { environment: { HTTP_PROXY: 'http://other:3128', NO_PROXY: 'a' }, proxy: undefined },
  { environment: { HTTPS_PROXY: 'http://proxy:3128' }, proxy: { url: 'http://proxy:3128', except: '' } },
  { environment: { https_proxy: 'https://proxy', no_proxy: 'a' }, proxy: { url: 'https://proxy', except: 'a' } },
  { environment: { HTTPS_PROXY: 'proxy:3128' }, proxy: { url: 'http://proxy:3128', except: '' } },
  {
    environment: {
      HTTPS_PROXY: 'http://u:p@proxy',
      https_proxy: 'http://other',
      NO_PROXY: '.svc,10.0.0.1',
      no_proxy: 'x',
    },
    proxy: { url: 'http://u:p@proxy', except: '.svc,10.0.0.1' },
  },
]

for (const { environment, proxy } of PROXIES) {
  test(`the proxy of ${JSON.stringify(environment)}`, () => {
    assert.deepEqual(readSettings({}, environment), { ...STANDARD, proxy })
  })
}

for (const value of ['socks5://proxy:1080', 'http://', 'http://user:hidden@:3128', ' ', 'http://a b']) {
  test(`"${value}" is no proxy, and is not quoted`, () => {
    assert.throws(() => readSettings({}, { HTTPS_PROXY: value }), {
      name: 'SettingsError',
      message: 'the variable HTTPS_PROXY must be the URL of a proxy, such as http://proxy.example:3128',
    })
  })
}
