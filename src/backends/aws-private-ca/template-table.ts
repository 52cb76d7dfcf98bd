import { EKU, type KeyUsage } from '../../pki/key-usage.ts'

/** What a template says by itself ("AWS Private CA template definitions"); what is absent comes from elsewhere or is not there. */
export interface Template {
  /** `SubordinateCACertificate_PathLen0_APIPassthrough/V1` */
  readonly name: string
  readonly isCA: boolean
  readonly pathLength?: number
  readonly keyUsage?: readonly KeyUsage[]
  /** OIDs */
  readonly extKeyUsage?: readonly string[]
  /** Takes extensions from the call. */
  readonly takesApi: boolean
  /** Takes every extension of the CSR that nothing else sets. */
  readonly takesCsr: boolean
}

type Variety = '' | '_APIPassthrough' | '_CSRPassthrough' | '_APICSRPassthrough'
type Family = Omit<Template, 'name' | 'takesApi' | 'takesCsr'> & {
  readonly family: string
  readonly varieties: readonly Variety[]
}

/** The longest path length that AWS has a template for. */
export const MOST_PATH_LENGTH = 3
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
export const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'

const BLANK: readonly Variety[] = ['_APIPassthrough', '_CSRPassthrough', '_APICSRPassthrough']
const ALL: readonly Variety[] = ['', ...BLANK]
const CA_USAGE: readonly KeyUsage[] = ['digitalSignature', 'keyCertSign', 'cRLSign']
const TLS_USAGE: readonly KeyUsage[] = ['digitalSignature', 'keyEncipherment']

function leaf(family: string, keyUsage: readonly KeyUsage[], ...extKeyUsage: readonly string[]): Family {
  return { family, isCA: false, keyUsage, extKeyUsage, varieties: ALL }
}

const LEAVES: readonly Family[] = [
  leaf('EndEntityCertificate', TLS_USAGE, EKU.serverAuth, EKU.clientAuth),
  leaf('EndEntityServerAuthCertificate', TLS_USAGE, EKU.serverAuth),
  leaf('EndEntityClientAuthCertificate', TLS_USAGE, EKU.clientAuth),
  leaf('CodeSigningCertificate', ['digitalSignature'], CODE_SIGNING),
  leaf('OCSPSigningCertificate', ['digitalSignature'], OCSP_SIGNING),
  { family: 'BlankEndEntityCertificate', isCA: false, varieties: BLANK },
  { family: 'BlankEndEntityCertificate_CriticalBasicConstraints', isCA: false, varieties: BLANK },
]

const PATH_LENGTHS = Array.from({ length: MOST_PATH_LENGTH + 1 }, (_, pathLength) => pathLength)

/** RootCACertificate is left out: it is for a CA's own request. */
const CAS: readonly Family[] = PATH_LENGTHS.flatMap((pathLength) => [
  {
    family: `SubordinateCACertificate_PathLen${pathLength}`,
    isCA: true,
    pathLength,
    keyUsage: CA_USAGE,
    varieties: ALL,
  },
  { family: `BlankSubordinateCACertificate_PathLen${pathLength}`, isCA: true, pathLength, varieties: BLANK },
])

/** Every template that a request can be signed with, by its name. */
export const TEMPLATES: ReadonlyMap<string, Template> = new Map(
  [...LEAVES, ...CAS].flatMap(({ family, varieties, ...says }) =>
    varieties.map((variety) => {
      const name = `${family}${variety}/V1`
      const [takesApi, takesCsr] = [variety.startsWith('_API'), variety.includes('CSR')]
      return [name, { ...says, name, takesApi, takesCsr }] as const
    }),
  ),
)

/**
 * The templates to try where the owner pins none, in their order: what says least of the caller's choice comes first, and
 * a CA never takes extensions from its CSR, which are the requester's choice.
 */
export function candidates(isCA: boolean, pathLength: number): readonly string[] {
  if (!isCA) {
    const named = LEAVES.filter(({ varieties }) => varieties.includes('')).map(({ family }) => `${family}/V1`)
    return [...named, 'BlankEndEntityCertificate_APIPassthrough/V1']
  }
  const family = `SubordinateCACertificate_PathLen${pathLength}`
  return [`${family}/V1`, `${family}_APIPassthrough/V1`, `Blank${family}_APIPassthrough/V1`]
}
