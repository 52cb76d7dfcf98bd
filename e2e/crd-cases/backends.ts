import {
  ARN,
  CERTIFICATES,
  DURATION,
  FINGERPRINT,
  NO_CA,
  OBJECT_NAME,
  ONE_BACKEND,
  PATH,
  PEM,
  type RuleCase,
  row,
  TOKEN_AUTH,
  VAULT,
} from './case.ts'

const ROLE_ARN = 'arn:aws:iam::111122223333:role/mesh-ca'
const ADDRESS = 'write an address such as https://vault.example.com:8200, without user name, query or fragment'
const DATA_KEY = "write a key of the object's data: letters, digits, '-', '_' and '.'"
const VAULT_NAME = "write a name of letters, digits, '-', '_' and '.', with a letter, digit or '_' first"
const ONE_AUTH = "spec.vault.auth: set exactly one of 'token', 'appRole', 'kubernetes', 'jwt' and 'certificate'"
const ONE_BUNDLE =
  "spec.vault: set at most one of 'caBundle', 'caBundleSecretRef' and 'caBundleConfigMapRef'; without one, the roots of the controller's image are used"
const ONE_CREDENTIAL =
  "spec.awsPrivateCA.credentials: set exactly one of 'secretRef' and 'serviceAccountRef', or leave 'credentials' out to use the credentials of the controller's own environment"
const PASSTHROUGH =
  "spec.awsPrivateCA.templateName: a CSRPassthrough template would let the requester choose the extensions of a CA: choose another 'templateName', or profile EndEntity"
const SESSION = 'spec.awsPrivateCA.assumeRole[0].duration: write a session duration from 15m to 12h: AWS takes no other'
const HIGH_PATH_LENGTH =
  "spec.pathLength: AWS Private CA has no template for a pathLen above 3: lower 'pathLength' and 'maxPathLength'"
function aws(change: object, ...refusals: readonly string[]): RuleCase {
  return row({ ...NO_CA, awsPrivateCA: { arn: ARN, ...change } }, ...refusals)
}

function vault(change: object, ...refusals: readonly string[]): RuleCase {
  return row({ ...NO_CA, vault: { ...VAULT, ...change } }, ...refusals)
}

const BACKENDS: readonly RuleCase[] = [
  row(NO_CA, ONE_BACKEND),
  row({ vault: VAULT }, ONE_BACKEND),
  row({ ...NO_CA, vault: VAULT, awsPrivateCA: { arn: ARN } }, ONE_BACKEND),
  row({ ca: { secretRef: { name: 'CA' } } }, `spec.ca.secretRef.name: ${OBJECT_NAME}`),
  row({ ca: { secretRef: { name: '../../x' } } }, `spec.ca.secretRef.name: ${OBJECT_NAME}`),
]

const AWS: readonly RuleCase[] = [
  aws(
    { arn: 'arn:aws:acm:eu-central-1:111122223333:certificate/1' },
    `spec.awsPrivateCA.arn: write the ARN of a private CA, such as ${ARN}`,
  ),
  aws({ region: 'Frankfurt' }, 'spec.awsPrivateCA.region: write the name of an AWS region, such as eu-central-1'),
  aws({ endpoint: 'pca.example.com' }, `spec.awsPrivateCA.endpoint: ${ADDRESS}`),
  aws({ stsEndpoint: 'https://a:b@sts.example.com' }, `spec.awsPrivateCA.stsEndpoint: ${ADDRESS}`),
  aws(
    { templateName: 'arn:aws:acm-pca:::template/X/V1' },
    'spec.awsPrivateCA.templateName: write the last part of a template ARN, such as SubordinateCACertificate_PathLen0_APIPassthrough/V1',
  ),
  aws({ templateName: 'SubordinateCACertificate_PathLen0_CSRPassthrough/V1' }, PASSTHROUGH),
  aws({ templateName: 'BlankSubordinateCACertificate_PathLen0_APICSRPassthrough/V1' }, PASSTHROUGH),
  aws({ credentials: {} }, ONE_CREDENTIAL),
  aws(
    {
      credentials: { secretRef: { name: 'aws' }, serviceAccountRef: { name: 'aws' } },
      assumeRole: [{ roleARN: ROLE_ARN }],
    },
    ONE_CREDENTIAL,
  ),
  aws(
    { credentials: { serviceAccountRef: { name: 'aws' } } },
    "spec.awsPrivateCA.credentials: a token of 'credentials.serviceAccountRef' is exchanged for a role: name the role in 'assumeRole'",
  ),
  aws(
    { credentials: { secretRef: { name: 'aws', accessKeyIDKey: 'access key' } } },
    `spec.awsPrivateCA.credentials.secretRef.accessKeyIDKey: ${DATA_KEY}`,
  ),
  aws(
    { assumeRole: [{ roleARN: 'mesh-ca' }] },
    `spec.awsPrivateCA.assumeRole[0].roleARN: write the ARN of a role, such as ${ROLE_ARN}`,
  ),
  aws(
    { assumeRole: [{ roleARN: ROLE_ARN, externalID: 'x' }] },
    "spec.awsPrivateCA.assumeRole[0].externalID: write the external ID with 2 or more letters, digits and any of '_+=,.@:/-'",
  ),
  aws(
    { assumeRole: [{ roleARN: ROLE_ARN, sessionName: 'a b' }] },
    "spec.awsPrivateCA.assumeRole[0].sessionName: write a session name of 2 to 64 letters, digits and any of '_+=,.@-'",
  ),
  aws({ assumeRole: [{ roleARN: ROLE_ARN, duration: '14m59s' }] }, SESSION),
  aws({ assumeRole: [{ roleARN: ROLE_ARN, duration: '12h1s' }] }, SESSION),
  aws({ assumeRole: [{ roleARN: ROLE_ARN, duration: '1d' }] }, `spec.awsPrivateCA.assumeRole[0].duration: ${DURATION}`),
  row({ ...NO_CA, awsPrivateCA: { arn: ARN }, pathLength: 4 }, HIGH_PATH_LENGTH),
  row({ ...NO_CA, awsPrivateCA: { arn: ARN }, maxPathLength: 4 }, HIGH_PATH_LENGTH),
]

const VAULT_CASES: readonly RuleCase[] = [
  vault({ server: 'vault.example.com:8200' }, `spec.vault.server: ${ADDRESS}`),
  vault({ server: 'https://vault.example.com/?x=1' }, `spec.vault.server: ${ADDRESS}`),
  vault({ server: 'ftp://vault.example.com' }, `spec.vault.server: ${ADDRESS}`),
  vault({ namespace: 'team-a/' }, `spec.vault.namespace: ${PATH}`),
  vault({ mount: '/pki' }, `spec.vault.mount: ${PATH}`),
  vault({ mount: 'pki/../sys' }, `spec.vault.mount: ${PATH}`),
  vault({ issuerRef: 'a/b' }, `spec.vault.issuerRef: ${VAULT_NAME}`),
  vault({ role: '..' }, `spec.vault.role: ${VAULT_NAME}`),
  vault({ issuerFingerprint: 'AB'.repeat(32) }, `spec.vault.issuerFingerprint: ${FINGERPRINT}`),
  vault({ issuerFingerprint: Array(32).fill('ab').join(':') }, `spec.vault.issuerFingerprint: ${FINGERPRINT}`),
  vault({ caBundle: '-----BEGIN PRIVATE KEY-----' }, `spec.vault.caBundle: ${CERTIFICATES}`),
  vault({ caBundle: PEM, caBundleSecretRef: { name: 'roots' } }, ONE_BUNDLE),
  vault({ caBundleConfigMapRef: { name: 'roots' }, caBundleSecretRef: { name: 'roots' } }, ONE_BUNDLE),
  vault({ serverName: 'https://vault' }, 'spec.vault.serverName: write a host name, such as vault.example.com'),
  vault({ auth: {} }, ONE_AUTH),
  vault({ auth: { ...TOKEN_AUTH, appRole: { roleID: 'x', secretRef: { name: 'x' } } } }, ONE_AUTH),
]

/** Rules of the back ends. */
export const BACKEND_CASES: readonly RuleCase[] = [...BACKENDS, ...AWS, ...VAULT_CASES]
