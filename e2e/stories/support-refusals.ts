import { testCsr } from '../../src/testing/certificates.ts'
import { constraints } from '../../src/testing/names.ts'
import { HOSTILE } from './support-csr.ts'
import { csrFor, MESH_USAGES, type RequestFixture } from './support-requests.ts'

export interface Refusal extends Pick<RequestFixture, 'csr' | 'annotations' | 'spec'> {
  readonly what: string
  /** Reason of the event. */
  readonly reason: string
  readonly words: string
}

const csr = csrFor('plain')
const pathLength = (wish: string) => ({ 'meshca.dev/path-length': wish })
const signed = 'it signs RSA, ECDSA-P256, ECDSA-P384 (RSA from 2048 to 8192 bits)'
export const NO_CA = 'this issuer signs mesh CAs only: set isCA: true, or use an issuer with profile EndEntity'

/** What a mesh CA issuer with `maxPathLength: 1`, durations from 1h to 4320h and DNS names in `svc` refuses. */
export const REFUSALS: readonly Refusal[] = [
  {
    what: 'isCA: false',
    csr,
    spec: { isCA: false, usages: ['digital signature'] },
    reason: 'ProfileMismatch',
    words: NO_CA,
  },
  {
    what: 'a path length above the maximum',
    csr,
    annotations: pathLength('2'),
    reason: 'PathLengthRefused',
    words: 'the annotation asks for path length 2, and the issuer allows at most 1',
  },
  {
    what: 'a path length that is no number',
    csr,
    annotations: pathLength('many'),
    reason: 'PathLengthRefused',
    words: 'the path length that the annotation asks for is not a number from 0 to 1',
  },
  {
    what: 'a weak key',
    csr: csrFor('weak', { key: 'RSA-1024' }),
    reason: 'KeyNotAllowed',
    words: `the issuer does not sign RSA 1024 keys; ${signed}`,
  },
  {
    what: 'a key of another kind',
    csr: csrFor('other', { key: 'Ed25519' }),
    reason: 'KeyNotAllowed',
    words: `the issuer does not sign Ed25519 keys; ${signed}`,
  },
  {
    what: 'an empty subject',
    csr: testCsr({ subject: '', key: 'ECDSA-P256' }).csrPem,
    reason: 'SubjectMissing',
    words: 'a mesh CA needs a subject: set commonName in the Certificate',
  },
  {
    what: "the root's own subject",
    csr: testCsr({ subject: 'CN=root' }).csrPem,
    reason: 'SubjectTaken',
    words: 'the subject CN=root is that of a CA above; give the intermediate a name of its own',
  },
  {
    what: 'a duration below the minimum',
    csr,
    spec: { duration: '30m' },
    reason: 'DurationTooShort',
    words: "the duration 30m is below the issuer's minimum of 1h",
  },
  {
    what: 'a duration above the maximum',
    csr,
    spec: { duration: '8760h' },
    reason: 'DurationTooLong',
    words: "the duration 8760h is above the issuer's maximum of 4320h",
  },
  {
    what: 'an extended key usage',
    csr,
    spec: { usages: [...MESH_USAGES, 'server auth'] },
    reason: 'UsagesMismatch',
    words: 'a mesh CA with extended key usages limits every workload below it: remove them from spec.usages',
  },
  {
    what: "names outside the issuer's",
    csr: csrFor('wide', { nameConstraints: constraints({ dnsDomains: ['example.com'] }) }),
    reason: 'NameConstraintsRefused',
    words: 'the request permits more names than the issuer does: DNS name subtree "example.com" is not inside "svc"',
  },
  ...HOSTILE.map((hostile) => ({ ...hostile, reason: 'InvalidCSR' })),
]
