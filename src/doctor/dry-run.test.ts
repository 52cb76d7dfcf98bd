import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseTemplate } from '../backends/aws-private-ca/templates.ts'
import { endEntityPath, intermediatePath } from '../backends/vault/sign-request.ts'
import { backendConfig } from '../issuance/backend-config.ts'
import { issuerHealth } from '../issuance/issuer-health.ts'
import { TEST_CSR, TEST_ROOT, testAuthority, testClusterIssuer, testIssuer, testSpec } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { type DryRunFacts, dryRun, signingWay } from './dry-run.ts'

const ARN = 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555'

function facts(change: Partial<DryRunFacts> = {}): DryRunFacts {
  const issuer = change.issuer ?? testIssuer()
  const health = issuerHealth({
    spec: issuer.spec,
    generation: 1,
    fault: undefined,
    authority: testAuthority(TEST_ROOT),
    declaredRoots: [],
    carried: [],
    now: TEST_NOW,
  })
  return {
    issuer,
    health,
    csr: TEST_CSR.csrPem,
    namespace: 'istio-system',
    namespaceLabels: {},
    now: TEST_NOW,
    ...change,
  }
}

const ROWS: readonly { readonly name: string; readonly facts: DryRunFacts; readonly outcome: readonly unknown[] }[] = [
  { name: 'a mesh CA', facts: facts(), outcome: ['sign', true, 0, 2160] },
  {
    name: "the issuer's own life and path length",
    facts: facts({ issuer: testIssuer({ spec: { duration: { default: '720h' }, pathLength: 1 } }) }),
    outcome: ['sign', true, 1, 720],
  },
  {
    name: 'no CA, where none is signed',
    facts: facts({ issuer: testIssuer({ spec: { profile: 'EndEntity' } }) }),
    outcome: ['sign', false, undefined, 2160],
  },
  {
    name: 'a life that the authority has not got',
    facts: facts({ issuer: testIssuer({ spec: { duration: { default: '999999h' } } }) }),
    outcome: ['wait', 'AuthorityEndsFirst'],
  },
  {
    name: 'a namespace that is not served',
    facts: facts({ issuer: testClusterIssuer({ spec: { allowedNamespaces: { names: ['team-a'] } } }) }),
    outcome: ['wait', 'NamespaceNotAllowed'],
  },
  {
    name: 'a requester that is not cert-manager',
    facts: facts({ issuer: testIssuer({ spec: { allowedRequesters: ['somebody'] } }) }),
    outcome: ['fail', 'RequesterNotAllowed'],
  },
]

for (const { name, facts: given, outcome } of ROWS) {
  test(`dry run: ${name}`, () => {
    const decision = dryRun(given)
    if (decision.do !== 'sign') {
      assert.deepEqual([decision.do, decision.code], outcome)
      return
    }
    const { isCA, pathLength, notAfter, notBefore } = decision.request
    assert.deepEqual(['sign', isCA, pathLength, (notAfter - notBefore) / 3_600_000], outcome)
  })
}

const CONSTRAINED = { nameConstraints: { permitted: { uriDomains: ['cluster.local'] } } }

test('the template is the one that the back end chooses', () => {
  for (const change of [{}, { pathLength: 2 }, { ...CONSTRAINED, mesh: {} }]) {
    const decision = dryRun(facts({ issuer: testIssuer({ spec: change }) }))
    assert.ok(decision.do === 'sign')
    const { template } = chooseTemplate(decision.request, undefined)
    const spec = testSpec({ ca: undefined, awsPrivateCA: { arn: ARN } })
    assert.equal(signingWay(spec, decision.request), `acm-pca:IssueCertificate with template ${template} on ${ARN}`)
  }
})

test('the path is the one that the back end calls', () => {
  const vault = {
    server: 'https://vault.example.com:8200',
    mount: 'pki-mesh',
    issuerRef: 'mesh-2026',
    role: 'nodes',
    namespace: 'team',
    auth: { token: { secretRef: { name: 'token' } } },
  }
  const scope = { clusterScoped: false, namespace: 'istio-system', name: 'mesh' }
  const policy = { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false }
  for (const profile of ['MeshCA', 'EndEntity'] as const) {
    const spec = testSpec({ ca: undefined, vault, profile })
    const config = backendConfig({ spec, lookup: () => ({ token: 'x' }), scope, policy })
    assert.ok(config.kind === 'vault')
    const decision = dryRun(facts({ issuer: testIssuer({ spec: { profile } }) }))
    assert.ok(decision.do === 'sign')
    const path = decision.request.isCA ? intermediatePath(config) : endEntityPath(config, 'nodes')
    assert.equal(signingWay(spec, decision.request), `POST ${path} in namespace team`)
  }
})

test('a CA in a Secret signs by itself', () => {
  const decision = dryRun(facts())
  assert.ok(decision.do === 'sign')
  assert.equal(signingWay(testSpec(), decision.request), 'the key in Secret ca, in the controller itself')
})
