import type { Fault, FaultRule } from './faults.ts'
import type { JsonObject } from './input.ts'
import type { AuthorityStatus, CredentialOptions, Permission, RoleOptions } from './options.ts'
import type { AcmPcaParts } from './parts.ts'

/** What can be turned while the fake runs, all of it JSON; members are done in the order in which they stand here. */
export interface ControlCommand {
  readonly clearJournal?: true
  readonly clearFaults?: true
  readonly faults?: readonly FaultRule[]
  readonly outage?: boolean | Fault
  readonly latencyMs?: number
  /** Breaks the connections of calls that hang. */
  readonly release?: true
  /** By ARN of the CA. */
  readonly status?: Readonly<Record<string, AuthorityStatus>>
  readonly quotas?: Readonly<Record<string, number>>
  readonly credentials?: readonly CredentialOptions[]
  readonly removeCredentials?: readonly string[]
  readonly roles?: readonly RoleOptions[]
  /** By ARN of user or role; null = everything. */
  readonly permissions?: Readonly<Record<string, readonly Permission[] | null>>
  readonly endSessions?: true
  readonly issueDelayMs?: number
  readonly tokenCollision?: 'first' | 'mint'
  readonly finalNewline?: boolean
}

type Turn = (parts: AcmPcaParts, command: ControlCommand) => void

/** Each is asked only where its member is there. */
const TURNS: Readonly<Record<keyof ControlCommand, Turn>> = {
  clearJournal: ({ journal }) => journal.clear(),
  clearFaults: ({ faults }) => faults.clear(),
  faults: (parts, { faults = [] }) => parts.faults.plan(...faults),
  outage: ({ faults }, { outage = false }) => faults.outage(outage),
  latencyMs: ({ faults }, { latencyMs = 0 }) => faults.latency(latencyMs),
  release: ({ faults }) => faults.release(),
  status: ({ authorities }, { status = {} }) => {
    for (const [arn, wanted] of Object.entries(status)) authorities.get(arn).setStatus(wanted)
  },
  quotas: (parts, { quotas = {} }) => parts.quotas.set(quotas),
  credentials: (parts, { credentials = [] }) => parts.credentials.add(...credentials),
  removeCredentials: ({ credentials }, { removeCredentials = [] }) => {
    for (const id of removeCredentials) credentials.remove(id)
  },
  roles: ({ sts }, { roles = [] }) => {
    for (const role of roles) sts.setRole(role)
  },
  permissions: ({ credentials }, { permissions = {} }) => {
    for (const [identity, allowed] of Object.entries(permissions)) credentials.permit(identity, allowed ?? undefined)
  },
  endSessions: ({ credentials, now }) => credentials.endSessions(now()),
  issueDelayMs: ({ settings }, { issueDelayMs = 0 }) => {
    settings.issueDelayMs = issueDelayMs
  },
  tokenCollision: ({ settings }, { tokenCollision = 'first' }) => {
    settings.tokenCollision = tokenCollision
  },
  finalNewline: ({ settings }, { finalNewline = true }) => {
    settings.finalNewline = finalNewline
  },
}

/** @returns the state afterwards @throws Error for a member that does not exist; nothing is turned then */
export function control(parts: AcmPcaParts, command: ControlCommand): JsonObject {
  const unknown = Object.keys(command).find((name) => !Object.hasOwn(TURNS, name))
  if (unknown !== undefined) throw new Error(`the fake has nothing called ${unknown} to turn`)
  for (const [name, turn] of Object.entries(TURNS)) if (Object.hasOwn(command, name)) turn(parts, command)
  return state(parts)
}

/** What a story needs to see: the CAs, and the numbers of the journal. */
export function state({ authorities, faults, journal, now }: AcmPcaParts): JsonObject {
  return {
    now: now(),
    authorities: authorities.all.map((one) => ({
      arn: one.arn,
      status: one.status(now()),
      certificatePem: one.certificate.pem,
      chainPem: one.chain.map(({ pem }) => pem).join(''),
    })),
    journal: journal.summary(),
    faults: { left: faults.left, hanging: faults.hanging },
  }
}
