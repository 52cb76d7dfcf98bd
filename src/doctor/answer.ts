/** What a cluster answered to one question; a right that is missing is an answer too. */
export type Answer<T> =
  | { readonly state: 'read'; readonly value: T }
  | { readonly state: 'absent' }
  /** `right` is what a role must grant: `get secrets (cacerts) in namespace istio-system`. */
  | { readonly state: 'forbidden'; readonly right: string }
  | { readonly state: 'failed'; readonly message: string }

/** The value, where there is one. */
export function known<T>(answer: Answer<T>): T | undefined {
  return answer.state === 'read' ? answer.value : undefined
}
