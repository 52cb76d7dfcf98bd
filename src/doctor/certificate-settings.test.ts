import { read, testCertificateFacts } from '../testing/doctor-facts.ts'
import { testRows } from '../testing/doctor-rows.ts'
import type { ClusterFacts } from './facts.ts'

const certificate = (change: Parameters<typeof testCertificateFacts>[0]): Partial<ClusterFacts> => ({
  certificates: read([testCertificateFacts(change)]),
})

const AT = 'Certificate istio-system/cacerts'

testRows('Certificate', [
  {
    name: 'there is none',
    change: { certificates: read([]) },
    findings: [
      {
        code: 'CertificateMissing',
        where: 'namespace istio-system',
        what: "no Certificate writes the Secret cacerts, so nothing renews istiod's CA",
        remedy: 'apply one (config/samples/istiod-certificate.yaml)',
      },
    ],
  },
  {
    name: 'it writes another Secret',
    change: certificate({ spec: { secretName: 'istio-ca' } }),
    findings: [
      {
        code: 'SecretNameOther',
        where: `${AT}, spec.secretName`,
        what: 'it writes the Secret istio-ca, and istiod reads the Secret cacerts only',
        remedy: 'set secretName: cacerts; where this CA is for something else, add a Certificate for istiod',
      },
    ],
  },
  {
    name: 'two write one Secret',
    change: { certificates: read([testCertificateFacts(), testCertificateFacts({ name: 'other' })]) },
    findings: [
      {
        code: 'SecretShared',
        where: 'Secret istio-system/cacerts',
        what: 'cacerts and other both write it, and cert-manager stops both',
        remedy: 'keep one Certificate with this secretName',
      },
    ],
  },
  {
    name: 'isCA is left out',
    change: certificate({ spec: { isCA: false } }),
    findings: [
      {
        code: 'IsCAMissing',
        where: `${AT}, spec.isCA`,
        what: 'it asks for no CA, and istiod can sign with nothing else',
        remedy: 'set isCA: true',
      },
    ],
  },
  {
    name: 'usages without cert sign',
    change: certificate({ spec: { usages: ['digital signature', 'crl sign'] } }),
    findings: [
      {
        code: 'CertSignMissing',
        where: `${AT}, spec.usages`,
        what: 'the usages leave out "cert sign", and issuers that go by the request make a CA that may not sign',
        remedy: 'add "cert sign", or leave usages out',
      },
    ],
  },
  {
    name: 'extended usages',
    change: certificate({ spec: { usages: ['cert sign', 'server auth', 'client auth'] } }),
    findings: [
      {
        code: 'ExtendedUsages',
        where: `${AT}, spec.usages`,
        what: 'the usages "server auth" and "client auth" limit every certificate below the CA, and profile MeshCA refuses them',
        remedy: 'leave "digital signature", "cert sign" and "crl sign" only',
      },
    ],
  },
  { name: 'usages left out', change: certificate({ spec: { usages: undefined } }), findings: [] },
  {
    name: 'a temporary certificate',
    change: certificate({ annotations: { 'cert-manager.io/issue-temporary-certificate': 'true' } }),
    findings: [
      {
        code: 'TemporaryCertificate',
        where: `${AT}, metadata.annotations`,
        what: 'cert-manager.io/issue-temporary-certificate puts a self-signed certificate of its own into the Secret while it waits, and istiod takes it for its CA',
        remedy: 'remove the annotation',
      },
    ],
  },
  {
    name: 'a key that never changes',
    change: certificate({ spec: { privateKey: { rotationPolicy: 'Never' } } }),
    findings: [
      {
        code: 'KeyNeverChanges',
        where: `${AT}, spec.privateKey.rotationPolicy`,
        what: 'the key of the CA stays the same through every renewal, so one that leaked signs for ever',
        remedy: 'set rotationPolicy: Always; istiod takes a new key up while it runs',
      },
    ],
  },
])

const OFTEN = 'renewBefore counts from the end: leave it out, or set a third of the duration'

testRows('life', [
  {
    name: 'hardly longer than that of workloads',
    change: certificate({ spec: { duration: '36h', renewBefore: undefined } }),
    findings: [
      {
        code: 'DurationTooShort',
        where: `${AT}, spec.duration`,
        what: 'the CA lives 36h0m0s, and the certificates below it up to 24h0m0s: istiod shortens them, and proxies ask for new ones ever more often',
        remedy: 'set duration: 2160h, and never less than four lives of a workload certificate',
      },
    ],
  },
  {
    name: 'renewed when workloads outlive it already',
    change: certificate({ spec: { renewBefore: '12h' } }),
    findings: [
      {
        code: 'RenewsTooLate',
        where: `${AT}, spec.renewBefore`,
        what: 'the CA is renewed 12 hours before its end, while certificates of up to 24h0m0s are signed below it: istiod shortens them, and a PKI that is away for that long stops the mesh',
        remedy: 'set a renewBefore of at least 24h0m0s, better a third of a duration such as 2160h',
      },
    ],
  },
  { name: 'renewed just in time', change: certificate({ spec: { renewBefore: '24h' } }), findings: [] },
  {
    name: 'renewed all the time',
    change: certificate({ spec: { duration: '168h', renewBefore: '162h' } }),
    findings: [
      {
        code: 'RenewsTooOften',
        where: `${AT}, spec.renewBefore`,
        what: 'a CA of 168h0m0s is renewed every 6 hours, since renewBefore is nearly the whole duration',
        remedy: OFTEN,
      },
    ],
  },
  {
    name: 'renewed all the time, as a percentage',
    change: certificate({ spec: { renewBefore: undefined, renewBeforePercentage: 95 } }),
    findings: [
      {
        code: 'RenewsTooOften',
        where: `${AT}, spec.renewBefore`,
        what: 'a CA of 2160h0m0s is renewed every 4 days, since renewBefore is nearly the whole duration',
        remedy: OFTEN,
      },
    ],
  },
  { name: 'half of it', change: certificate({ spec: { duration: '720h', renewBefore: '360h' } }), findings: [] },
  {
    name: "cert-manager's standards",
    change: certificate({ spec: { duration: undefined, renewBefore: undefined } }),
    findings: [],
  },
])
