import type { Overview } from './overview.ts'

/** How many rows each part has at most. */
export type Limits = Readonly<Record<keyof Omitted, number>>

/** What a program or a patient reader is given. */
export const WHOLE: Limits = { issuers: 1000, intermediates: 1000, inFlight: 200 }
/** What a browser shows at once, however large the fleet; the rest is a link away. */
export const FIRST: Limits = { issuers: 50, intermediates: 50, inFlight: 50 }

export interface Omitted {
  readonly issuers: number
  readonly intermediates: number
  readonly inFlight: number
}

export interface Limited {
  readonly overview: Overview
  /** How many rows were left out: those that need attention least. */
  readonly omitted: Omitted
}

/** Cuts the lists, whose first rows need attention most. */
export function limited(overview: Overview, most: Limits): Limited {
  const { issuers, intermediates, requests } = overview
  const { inFlight } = requests
  return {
    overview: {
      ...overview,
      issuers: issuers.slice(0, most.issuers),
      intermediates: intermediates.slice(0, most.intermediates),
      requests: { ...requests, inFlight: inFlight.slice(0, most.inFlight) },
    },
    omitted: {
      issuers: Math.max(0, issuers.length - most.issuers),
      intermediates: Math.max(0, intermediates.length - most.intermediates),
      inFlight: Math.max(0, inFlight.length - most.inFlight),
    },
  }
}
