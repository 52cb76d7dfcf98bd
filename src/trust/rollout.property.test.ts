import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Carried, judge } from './rollout.ts'
import { samePair, type TrustPair, trustPair } from './transition.ts'

const HOUR = 3_600_000
const DWELL = 25 * HOUR
const START = trustPair('A', ['A'])
const CERTIFICATES = ['team/a', 'team/b'] as const

type Event =
  | { readonly toggle: string }
  | { readonly sign: string }
  | { readonly pass: number }
  | { readonly renew: (typeof CERTIFICATES)[number] }

const roots = fc.constantFrom('A', 'B', 'C')
const events: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ toggle: roots }),
  fc.record({ sign: roots }),
  { arbitrary: fc.record({ pass: fc.constantFrom(13, 25) }), weight: 2 },
  { arbitrary: fc.record({ renew: fc.constantFrom(...CERTIFICATES) }), weight: 3 },
)

/** What an issuer declares after an edit; the signer's root stays in the set. */
function edited({ signerRoot, roots: set }: TrustPair, event: Event): TrustPair {
  if ('sign' in event) return trustPair(event.sign, [...set, event.sign])
  if (!('toggle' in event) || event.toggle === signerRoot) return trustPair(signerRoot, set)
  const without = set.filter((root) => root !== event.toggle)
  return trustPair(signerRoot, without.length === set.length ? [...set, event.toggle] : without)
}

/** Certificates of one issuer, each with all that it has carried, the newest last. */
class Mesh {
  now = 100 * HOUR
  declared = START
  readonly #carried = new Map<string, Carried[]>(
    CERTIFICATES.map((certificate) => [certificate, [{ certificate, pair: START, since: 0 }]]),
  )

  /** Renews a Certificate, where that is let through. */
  renew(certificate: string): void {
    const [next, own] = [this.declared, this.present(certificate)]
    const others = CERTIFICATES.map((other) => this.present(other))
    const verdict = judge({ own, next, others, minimumDwellMs: DWELL, accepted: undefined, now: this.now })
    if (!verdict.allowed || samePair(own.pair, next)) return
    this.#carried.get(certificate)?.push({ certificate, pair: next, since: this.now })
  }

  present(certificate: string): Carried {
    return this.#carried.get(certificate)?.at(-1) ?? assert.fail()
  }

  /** What workloads may hold: they pick a pair up within the dwell after it came. */
  held(certificate: string): readonly TrustPair[] {
    const all = this.#carried.get(certificate) ?? []
    return all.filter((_, index) => (all[index + 1]?.since ?? this.now) > this.now - DWELL).map(({ pair }) => pair)
  }
}

test('whatever is declared and renewed when, workloads of all Certificates trust each other', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 60 }), (all) => {
      const mesh = new Mesh()
      for (const event of all) {
        mesh.declared = edited(mesh.declared, event)
        if ('pass' in event) mesh.now += event.pass * HOUR
        if ('renew' in event) mesh.renew(event.renew)
        const held = CERTIFICATES.flatMap((certificate) => mesh.held(certificate))
        for (const one of held)
          for (const { roots } of held) assert.ok(roots.includes(one.signerRoot), JSON.stringify(held))
      }
    }),
    { numRuns: 10_000 },
  )
})
