import type { Overview } from './overview.ts'

/** How many rows each part of the page has at most. */
const MOST = { issuers: 1000, intermediates: 1000, inFlight: 200 } as const

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

/** Cuts the lists to what a page can show. */
export function limited(overview: Overview): Limited {
  const { issuers, intermediates, requests } = overview
  const { inFlight } = requests
  return {
    overview: {
      ...overview,
      issuers: issuers.slice(0, MOST.issuers),
      intermediates: intermediates.slice(0, MOST.intermediates),
      requests: { ...requests, inFlight: inFlight.slice(0, MOST.inFlight) },
    },
    omitted: {
      issuers: Math.max(0, issuers.length - MOST.issuers),
      intermediates: Math.max(0, intermediates.length - MOST.intermediates),
      inFlight: Math.max(0, inFlight.length - MOST.inFlight),
    },
  }
}
