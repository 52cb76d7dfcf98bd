import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import type { Certificate } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'
import { encodeNameConstraints } from '../pki/name-constraints.ts'
import { trialPath, verifyPath } from '../pki/path.ts'
import { meshTrials } from '../pki/trial.ts'
import { authorityLinks, meshNames, spentLink } from './authority.ts'
import { ownersConstraints, shutsOutMesh } from './constraints.ts'

/** Why an authority cannot do what its issuer is for. */
export interface Unfitness {
  /** From the closed list of reasons of AuthorityReady. */
  readonly reason:
    | 'NotACA'
    | 'AuthorityNotYetValid'
    | 'AuthorityExpired'
    | 'PathLengthSpent'
    | 'NameConstraintsUnfit'
    | 'AuthorityUnusable'
  readonly message: string
}

/**
 * Looks for what would make every signature useless, before a PKI is asked for one. A single request may still be refused
 * for what it asks.
 * @param now epoch milliseconds
 */
export function unfitAuthority(authority: Authority, spec: IssuerSpec, now: number): Unfitness | undefined {
  for (const link of authorityLinks(authority)) {
    const found = unfitLink(link, now)
    if (found !== undefined) return found
  }
  return spentPathLength(authority, spec) ?? unfitConstraints(spec) ?? brokenPath(authority, spec, now)
}

function unfitLink(link: Certificate, now: number): Unfitness | undefined {
  const name = link.subject.text
  if (link.basicConstraints?.cA !== true)
    return { reason: 'NotACA', message: `${name} is not a CA certificate; use one that is` }
  if (link.keyUsage !== undefined && !link.keyUsage.includes('keyCertSign'))
    return { reason: 'NotACA', message: `${name} may not sign certificates (no keyCertSign); use a CA that may` }
  if (link.notBefore > now)
    return { reason: 'AuthorityNotYetValid', message: `${name} is not valid before ${instant(link.notBefore)}` }
  if (link.notAfter <= now)
    return { reason: 'AuthorityExpired', message: `${name} ended at ${instant(link.notAfter)}; renew it` }
  return undefined
}

function spentPathLength(authority: Authority, { profile, pathLength }: IssuerSpec): Unfitness | undefined {
  if (profile !== 'MeshCA') return undefined
  const spent = spentLink(authority, pathLength)
  if (spent === undefined) return undefined
  const { subject, limit } = spent
  return {
    reason: 'PathLengthSpent',
    message: `${subject} allows a path length of ${limit}, too little to issue CAs of path length ${pathLength} below it; use a CA with a greater one`,
  }
}

function unfitConstraints(spec: IssuerSpec): Unfitness | undefined {
  const constraints = ownersConstraints(spec)
  if (constraints === undefined) return undefined
  const unfit = (problem: string): Unfitness => ({
    reason: 'NameConstraintsUnfit',
    message: `spec.nameConstraints: ${problem}`,
  })
  try {
    encodeNameConstraints(constraints)
  } catch (error) {
    if (error instanceof PkiError) return unfit(error.message)
    throw error
  }
  const barred = shutsOutMesh(constraints, spec)
  return barred === undefined ? undefined : unfit(`${barred}; let the names of the mesh in`)
}

function brokenPath({ chain, root }: Authority, spec: IssuerSpec, now: number): Unfitness | undefined {
  const unusable = (problem: string): Unfitness => ({
    reason: 'AuthorityUnusable',
    message: `${problem}; use a CA without this fault`,
  })
  const own = verifyPath(chain, root, now)
  if (own !== undefined) return unusable(own.message)
  for (const trial of trials(spec)) {
    const found = trialPath(trial, chain, root, now)
    if (found !== undefined) return unusable(`${trial.description} below the CA would be refused: ${found.message}`)
  }
  return undefined
}

function trials(spec: IssuerSpec): ReturnType<typeof meshTrials> {
  return spec.profile === 'MeshCA' ? meshTrials(meshNames(spec)) : []
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}
