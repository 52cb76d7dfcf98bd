import { isDeepStrictEqual } from 'node:util'
import type { Issuer, IssuerStatus, LastIssuance } from '../api/issuer.ts'
import type { OpenedBackend, QuotaUse } from '../backends/backend.ts'
import type { PkiRefusal } from '../issuance/conclude.ts'
import type { IssuerFacts } from '../issuance/facts.ts'
import type { Health } from '../issuance/issuer-health.ts'
import { issuerStatus } from '../issuance/issuer-status.ts'
import type { CarriedCA } from '../issuance/request-record.ts'
import type { Carried } from '../trust/rollout.ts'
import { Closings } from './closings.ts'
import type { Again } from './controller.ts'
import { ageMs, type CheckDeps, type Checked, checkIssuer, differs, isUnchanged } from './issuer-check.ts'

/** An issuer as a request meets it. */
export interface CurrentIssuer {
  readonly facts: IssuerFacts
  readonly backend: OpenedBackend | undefined
}

export interface IssuersDeps extends CheckDeps {
  readonly issuer: (key: string) => Issuer | undefined
  readonly carriedBy: (key: string) => Iterable<Carried>
  /** The same, with those Certificates that have no request now. */
  readonly knownBy: (key: string) => Iterable<CarriedCA>
  readonly writeStatus: (issuer: Issuer, status: IssuerStatus) => Promise<void>
  /** Called when requests may fare differently now. */
  readonly changed: (key: string) => void
  readonly tell: (
    issuer: Issuer,
    event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly note: string },
  ) => void
  /** Between two checks of one issuer, milliseconds. */
  readonly recheckMs: number
}

interface IssuerState {
  readonly uid: string
  readonly checked: Checked
}

interface Refused {
  readonly refusal: PkiRefusal
  /** Epoch milliseconds. */
  readonly at: number
}

interface HowToCheck {
  readonly askPki: boolean
  readonly signal: AbortSignal
}

/** How old a read of Secrets and ConfigMaps may be when something is signed with them: 5 seconds. */
const FRESH_MS = 5000

/** Keeps what is known of every issuer: checks on change, on a timer, before signing, and when signing shows trouble. */
export class Issuers {
  readonly #deps: IssuersDeps
  readonly #states = new Map<string, IssuerState>()
  readonly #running = new Map<string, Promise<Checked>>()
  readonly #issuances = new Map<string, LastIssuance>()
  readonly #refusals = new Map<string, Refused>()
  readonly #closings = new Closings()

  constructor(deps: IssuersDeps) {
    this.#deps = deps
  }

  /** The issuer, proved for its present generation and with references read within the last 5 s; undefined where there is none. */
  async current(key: string, signal: AbortSignal): Promise<CurrentIssuer | undefined> {
    for (;;) {
      const issuer = this.#deps.issuer(key)
      if (issuer === undefined) return undefined
      const askedAt = this.#deps.now()
      const checked = this.#fresh(key, issuer) ?? (await this.#check(key, issuer, { askPki: false, signal }))
      // Edited, deleted or re-created in between: what stands now counts.
      if (!isOf({ uid: issuer.metadata.uid, checked }, this.#deps.issuer(key))) continue
      const { readiness } = checked.health
      // A check that was joined may have read long before.
      if (readiness.ready && askedAt - checked.readAt > FRESH_MS) continue
      const facts = { clusterScoped: issuer.kind === 'MeshCAClusterIssuer', spec: issuer.spec, readiness }
      return { facts, backend: checked.backend }
    }
  }

  /** What the last check of the issuer found. */
  health(key: string): Health | undefined {
    return this.#states.get(key)?.checked.health
  }

  /** How the limits of its PKI stand, where it has such. */
  quotas(key: string): readonly QuotaUse[] {
    return this.#states.get(key)?.checked.backend?.quotas?.() ?? []
  }

  /** Notes an issuance for the status; it is written with the next check, since a write each would double the writes. */
  issued(key: string, issuance: LastIssuance): void {
    if (this.#states.has(key)) this.#issuances.set(key, issuance)
  }

  /** Notes what a PKI answered to a request: what concerns the whole issuer makes it unready until the next check. */
  refused(key: string, refusal: PkiRefusal): void {
    if (refusal.part !== undefined && this.#states.has(key)) this.#refusals.set(key, { refusal, at: this.#deps.now() })
  }

  /** Lets go of what the back ends hold open; no check and no signature may begin any more. */
  async close(): Promise<void> {
    for (const { checked } of this.#states.values()) this.#closings.begin(checked.backend)
    this.#states.clear()
    await this.#closings.ended()
  }

  /** One turn of the loop: checks, and says when to check again. */
  async handle(key: string, signal: AbortSignal): Promise<Again> {
    const issuer = this.#deps.issuer(key)
    if (issuer === undefined) {
      this.#replace(key, undefined)
      this.#issuances.delete(key)
      this.#refusals.delete(key)
      this.#deps.changed(key)
      return 'when-changed'
    }
    await this.#check(key, issuer, { askPki: true, signal })
    return { afterMs: this.#deps.recheckMs }
  }

  #fresh(key: string, issuer: Issuer): Checked | undefined {
    const known = this.#states.get(key)
    if (known === undefined || !isOf(known, issuer)) return undefined
    return ageMs(known.checked.readAt, this.#deps.now()) <= FRESH_MS ? known.checked : undefined
  }

  /** Two callers at once share one check, but only of one generation: what is ready is ready for what was checked. */
  async #check(key: string, issuer: Issuer, how: HowToCheck): Promise<Checked> {
    const flight = `${key} ${issuer.metadata.uid} ${issuer.metadata.generation}`
    const running = this.#running.get(flight)
    if (running !== undefined) return running
    const check = this.#checkNow(key, issuer, how).finally(() => this.#running.delete(flight))
    this.#running.set(flight, check)
    return check
  }

  async #checkNow(key: string, issuer: Issuer, how: HowToCheck): Promise<Checked> {
    const known = this.#states.get(key)
    const before = known?.uid === issuer.metadata.uid ? known.checked : undefined
    const refusal = this.#lateRefusal(key)
    const carried = this.#deps.carriedBy(key)
    const checked = await checkIssuer(this.#deps, { issuer, before, refusal, carried, ...how })
    const state = { uid: issuer.metadata.uid, checked }
    const latest = this.#deps.issuer(key)
    // An edit came in between: its own check speaks for it.
    if (latest === undefined || !isOf(state, latest)) {
      if (checked.backend !== this.#states.get(key)?.checked.backend) this.#closings.begin(checked.backend)
      return checked
    }
    if (known !== undefined && before === undefined) this.#issuances.delete(key)
    // What was refused to an issuer that was mended since says nothing about the next checks either.
    if (!isUnchanged(before, checked) && this.#refusals.get(key)?.refusal === refusal) this.#refusals.delete(key)
    this.#replace(key, state)
    // Before the status is written: requests must not sleep on because that failed.
    if (before === undefined || differs(before, checked)) this.#deps.changed(key)
    await this.#publish(key, latest, checked)
    return checked
  }

  #lateRefusal(key: string): PkiRefusal | undefined {
    const refused = this.#refusals.get(key)
    if (refused === undefined || ageMs(refused.at, this.#deps.now()) < this.#deps.recheckMs) return refused?.refusal
    this.#refusals.delete(key)
    return undefined
  }

  #replace(key: string, state: IssuerState | undefined): void {
    const before = this.#states.get(key)?.checked.backend
    if (state === undefined) this.#states.delete(key)
    else this.#states.set(key, state)
    if (before !== state?.checked.backend) this.#closings.begin(before)
  }

  async #publish(key: string, issuer: Issuer, checked: Checked): Promise<void> {
    const { spec, status: before } = issuer
    const status = issuerStatus({
      spec,
      health: checked.health,
      before,
      lastIssuance: this.#issuances.get(key),
      carried: this.#deps.knownBy(key),
      now: this.#deps.now(),
    })
    if (isDeepStrictEqual(status, before)) return
    await this.#deps.writeStatus(issuer, status)
    this.#tellChange(issuer, status)
  }

  #tellChange(issuer: Issuer, status: IssuerStatus): void {
    const ready = status.conditions?.find((condition) => condition.type === 'Ready')
    const was = issuer.status.conditions?.find((condition) => condition.type === 'Ready')
    if (ready === undefined || (ready.status === was?.status && ready.reason === was.reason)) return
    const type = ready.status === 'True' ? 'Normal' : 'Warning'
    this.#deps.tell(issuer, { type, reason: ready.reason, note: ready.message })
  }
}

function isOf({ uid, checked }: IssuerState, issuer: Issuer | undefined): boolean {
  return uid === issuer?.metadata.uid && checked.generation === issuer.metadata.generation
}
