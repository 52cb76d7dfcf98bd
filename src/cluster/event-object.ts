import { microTime } from './micro-time.ts'

/** The object that an event is about. */
export interface EventSubject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  /** UpperCamelCase. */
  readonly reason: string
  readonly note: string
  /** UpperCamelCase: what was being done. */
  readonly action: string
}

/** Who tells. */
export interface EventReporter {
  /** A qualified name, such as `example.com/controller`. */
  readonly reportingController: string
  /** Name of this process, such as the pod's. */
  readonly reportingInstance: string
  /** Where events of objects without a namespace go; the API server takes `default` and `kube-system` only. */
  readonly defaultNamespace: string
}

/** An Event of events.k8s.io/v1. */
export interface EventObject {
  readonly apiVersion: 'events.k8s.io/v1'
  readonly kind: 'Event'
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly eventTime: string
  readonly reportingController: string
  readonly reportingInstance: string
  readonly type: string
  readonly reason: string
  readonly action: string
  readonly note: string
  readonly regarding: EventSubject
}

/** Bytes: the API server takes 1024 (k8s.io/kubernetes pkg/apis/core/validation/events.go). */
const NOTE_LIMIT = 1000
/** Of 253, with room for the part that makes the name unique. */
const NAME_LIMIT = 200
const INSTANCE_LIMIT = 128

/** When and under which name an event is told. */
export interface EventOccasion {
  /** Epoch milliseconds. */
  readonly at: number
  /** Unlike that of any event before; lower-case letters, digits and dashes. */
  readonly unique: string
}

export function eventObject(
  reporter: EventReporter,
  { subject, text }: { readonly subject: EventSubject; readonly text: EventText },
  { at, unique }: EventOccasion,
): EventObject {
  const { type, reason, action, note } = text
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      namespace: subject.namespace ?? reporter.defaultNamespace,
      name: `${subject.name.slice(0, NAME_LIMIT).replace(/[^a-z0-9]+$/, '')}.${unique}`,
    },
    eventTime: microTime(at),
    reportingController: reporter.reportingController,
    reportingInstance: reporter.reportingInstance.slice(0, INSTANCE_LIMIT),
    type,
    reason,
    action,
    note: shortened(note),
    regarding: subject,
  }
}

function shortened(note: string): string {
  const bytes = Buffer.from(note)
  if (bytes.length <= NOTE_LIMIT) return note
  // A character that was cut in two is decoded as U+FFFD, at the end only.
  return `${bytes
    .subarray(0, NOTE_LIMIT - 3)
    .toString()
    .replace(/\uFFFD$/, '')}…`
}
