import { isObject, optional, readInteger, readString } from './read.ts'
import { formatTime } from './time.ts'

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/**
 * A status condition, in the shape in which it is read and written. The requests of cert-manager and Kubernetes have no
 * `observedGeneration`; our issuers do.
 */
export interface Condition {
  readonly type: string
  readonly status: ConditionStatus
  readonly reason?: string
  readonly message?: string
  /** RFC 3339; when `status` last changed. */
  readonly lastTransitionTime?: string
  readonly observedGeneration?: number
}

/** A condition as it is written: with a reason for programs and words for people. */
export interface CompleteCondition extends Condition {
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
}

/** A condition as its writer knows it: the time of transition follows from what was there before. */
export type ConditionChange = Omit<CompleteCondition, 'lastTransitionTime'>

export function findCondition(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type)
}

/** Whether the condition is there and True. */
export function isConditionTrue(conditions: readonly Condition[], type: string): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/**
 * The condition that `change` becomes beside `before`: `lastTransitionTime` is kept while the status stays the same and
 * is `now` (epoch milliseconds) otherwise.
 */
export function transition(before: Condition | undefined, change: ConditionChange, now: number): CompleteCondition {
  const kept = before?.status === change.status ? before.lastTransitionTime : undefined
  return { ...change, lastTransitionTime: kept ?? formatTime(now) }
}

/** The list with the condition of this type replaced in its place, or added at the end. */
export function setCondition(
  conditions: readonly Condition[],
  change: ConditionChange,
  now: number,
): readonly Condition[] {
  const next = transition(findCondition(conditions, change.type), change, now)
  const known = conditions.some((condition) => condition.type === change.type)
  return known
    ? conditions.map((condition) => (condition.type === change.type ? next : condition))
    : [...conditions, next]
}

/** Reads a list of conditions; entries without a type or a known status are left out. */
export function readConditions(value: unknown): readonly Condition[] {
  return Array.isArray(value) ? value.flatMap(readCondition) : []
}

function readCondition(value: unknown): readonly Condition[] {
  if (!isObject(value)) return []
  const { type, status } = value
  if (typeof type !== 'string' || (status !== 'True' && status !== 'False' && status !== 'Unknown')) return []
  return [
    {
      type,
      status,
      ...optional('reason', readString(value.reason)),
      ...optional('message', readString(value.message)),
      ...optional('lastTransitionTime', readString(value.lastTransitionTime)),
      ...optional('observedGeneration', readInteger(value.observedGeneration)),
    },
  ]
}
