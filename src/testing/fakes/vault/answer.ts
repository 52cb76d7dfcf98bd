/** What the fake answers to one call. */
export interface FakeAnswer {
  readonly status: number
  /** JSON; absent = no content. */
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

export interface Content {
  readonly data?: object | null
  readonly auth?: object | null
  readonly warnings?: readonly string[] | null
}

/** A refusal, as the server words it. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

/** How the server words a refusal that comes from a secrets engine or a policy. */
export function oneError(text: string): string {
  return `1 error occurred:\n\t* ${text}\n\n`
}

/** An answer in its envelope. */
export function content({ data = null, auth = null, warnings = null }: Content): FakeAnswer {
  const body = {
    request_id: 'r',
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings,
    auth,
  }
  return { status: 200, body }
}

export const DONE: FakeAnswer = { status: 204 }
