import { testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { cacertsData, DOCTOR_CA, DOCTOR_ROOT, read } from '../testing/doctor-facts.ts'
import { testRows } from '../testing/doctor-rows.ts'
import type { ClusterFacts } from './facts.ts'

const ABSENT = { state: 'absent' } as const

const OTHER_ROOT = testCa({ subject: 'O=cluster.local' })
const OTHER_CA = testIntermediate(OTHER_ROOT, { subject: 'CN=istiod.other' })
const CONFIG_MAP = 'ConfigMap istio-system/istio-ca-root-cert'
const short = ({ certificate: { fingerprint } }: typeof OTHER_ROOT): string => fingerprint.slice(0, 16)
const OLDER_CA = testIntermediate(DOCTOR_ROOT, { subject: 'CN=istiod.east', serialNumber: new Uint8Array([7]) })
const opaque = (data: Readonly<Record<string, string>>) => read({ type: 'Opaque', data })
const servedBy = (ca: typeof OTHER_CA): ClusterFacts['served'] =>
  read([testLeaf(ca, { subject: 'O=istiod' }).certificate, ca.certificate])

testRows('istiod', [
  {
    name: 'no Secret, before it starts',
    change: { cacerts: ABSENT, selfSigned: ABSENT },
    findings: [
      {
        code: 'CacertsMissing',
        where: 'Secret istio-system/cacerts',
        what: 'it does not exist, so an istiod that starts makes a root of its own',
        remedy:
          'have a Certificate write it, and restart istiod behind that: it does not notice a Secret that came later',
      },
    ],
  },
  {
    name: 'no Secret, and a root of its own',
    change: { cacerts: ABSENT, selfSigned: opaque({ 'ca-cert.pem': OTHER_ROOT.certificatePem }) },
    findings: [
      {
        code: 'CacertsMissing',
        where: 'Secret istio-system/cacerts',
        what: 'it does not exist, and istiod signs with a root that it made itself (Secret istio-ca-secret)',
        remedy:
          'have a Certificate write it, and restart istiod behind that: it does not notice a Secret that came later',
      },
    ],
  },
  {
    name: 'a Secret that came too late',
    change: {
      selfSigned: opaque({ 'ca-cert.pem': OTHER_ROOT.certificatePem }),
      published: read(OTHER_ROOT.certificatePem),
    },
    findings: [
      {
        code: 'IstiodSelfSigned',
        where: CONFIG_MAP,
        what: 'istiod still uses the root that it made itself (Secret istio-ca-secret): it started before the Secret cacerts was there, and does not look again',
        remedy: 'restart istiod; in a mesh that carries traffic this replaces the root, so read "Replace a root" first',
      },
    ],
  },
  {
    name: 'other roots than those of the Secret',
    change: { selfSigned: ABSENT, published: read(OTHER_ROOT.certificatePem) },
    findings: [
      {
        code: 'IstiodRootsDiffer',
        where: CONFIG_MAP,
        what: `istiod gives out the roots ${short(OTHER_ROOT)}, and the Secret cacerts holds ${short(DOCTOR_ROOT)}: it has not taken the Secret up, and drops renewals until it does`,
        remedy:
          'restart istiod, or switch ISTIO_MULTIROOT_MESH on; where it has been so for minutes only, wait for kubelet',
      },
    ],
  },
  {
    name: 'the same roots in other bytes',
    change: { published: read(`${DOCTOR_ROOT.certificatePem}\n`) },
    findings: [
      {
        code: 'IstiodRootBytesDiffer',
        where: CONFIG_MAP,
        what: 'istiod has the same roots as the Secret cacerts in other bytes, and drops every renewal without a word unless ISTIO_MULTIROOT_MESH is on',
        remedy:
          'use an issuer that keeps the bytes of ca.crt, renew the Certificate, then restart istiod once (kubectl rollout restart)',
      },
    ],
  },
  {
    name: 'it has not run',
    change: { published: ABSENT },
    findings: [
      {
        code: 'IstiodRootsUnknown',
        where: CONFIG_MAP,
        what: 'it does not exist, so istiod has not run with this namespace, or does not give its roots out',
        remedy: 'start istiod, or look in the namespace that it runs in with --namespace',
      },
    ],
  },
  {
    name: 'a Secret made by hand',
    change: { cacerts: opaque(cacertsData(DOCTOR_CA, DOCTOR_ROOT)) },
    findings: [
      {
        code: 'SecretTypeOther',
        where: 'Secret istio-system/cacerts, type',
        what: 'it was made by hand as Opaque, which cert-manager does not change; istiod does not mind, other readers may',
        remedy: 'leave it, or delete it in a maintenance window and restart istiod once cert-manager has made it anew',
      },
    ],
  },
  {
    name: 'a Secret that istiod made',
    change: { cacerts: opaque({ ...cacertsData(DOCTOR_CA, DOCTOR_ROOT), 'istio-generated': '' }) },
    findings: [
      {
        code: 'IstiodSelfSigned',
        where: 'Secret istio-system/cacerts, istio-generated',
        what: 'istiod made this Secret itself, and takes whatever is in it for a root of its own as long as this entry is there',
        remedy:
          'delete the Secret so that cert-manager makes it anew, and restart istiod; in a mesh that carries traffic this replaces the root, so read "Replace a root" first',
      },
    ],
  },
  { name: 'it presents what the Secret holds', change: { served: servedBy(DOCTOR_CA) }, findings: [] },
  {
    name: 'it presents another CA',
    change: { served: servedBy(OTHER_CA) },
    findings: [
      {
        code: 'IstiodServesOther',
        where: 'istiod of namespace istio-system',
        what: `its own certificate was signed by CN=istiod.other (sha256 ${short(OTHER_CA)}), and the Secret cacerts holds CN=istiod.east (sha256 ${short(DOCTOR_CA)})`,
        remedy: "where that has been so for minutes, look for 'Update Istiod cacerts' in istiod's log, and restart it",
      },
    ],
  },
  {
    name: 'it presents the certificate before the last renewal, of the same name and key',
    change: { served: servedBy(OLDER_CA) },
    findings: [
      {
        code: 'IstiodServesOther',
        where: 'istiod of namespace istio-system',
        what: `its own certificate was signed by CN=istiod.east (sha256 ${short(OLDER_CA)}), and the Secret cacerts holds CN=istiod.east (sha256 ${short(DOCTOR_CA)})`,
        remedy: "where that has been so for minutes, look for 'Update Istiod cacerts' in istiod's log, and restart it",
      },
    ],
  },
  {
    name: 'it presents its own certificate alone',
    change: { served: read([testLeaf(DOCTOR_CA, { subject: 'O=istiod' }).certificate]) },
    findings: [],
  },
  {
    name: 'it presents the root without its CA',
    change: { served: read([testLeaf(DOCTOR_CA, { subject: 'O=istiod' }).certificate, DOCTOR_ROOT.certificate]) },
    findings: [],
  },
  {
    name: 'it does not answer',
    change: { served: { state: 'failed', message: '127.0.0.1:15012: ECONNREFUSED' } },
    findings: [
      {
        code: 'IstiodUnreachable',
        where: 'istiod of namespace istio-system',
        what: 'no TLS handshake: 127.0.0.1:15012: ECONNREFUSED',
        remedy: 'name the address of its TLS port (15012), as kubectl port-forward gives it',
      },
    ],
  },
  {
    name: 'what the Secret holds is told too',
    change: {
      cacerts: read({ type: 'kubernetes.io/tls', data: cacertsData(DOCTOR_CA, DOCTOR_ROOT, OTHER_CA) }),
      published: read(DOCTOR_ROOT.certificatePem + OTHER_CA.certificatePem),
    },
    findings: [
      {
        code: 'AnchorNotRoot',
        where: 'Secret istio-system/cacerts, ca.crt',
        what: 'CN=istiod.other is no root, but stands among the roots and is trusted as one',
        remedy: 'leave only self-signed roots in ca.crt; the CAs between belong into tls.crt',
      },
    ],
  },
])
