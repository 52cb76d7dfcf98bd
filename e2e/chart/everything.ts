import { EFFECTS } from './effects.ts'
import type { Values } from './helm.ts'
import { RENDER_CASES } from './render-cases.ts'

/** What excludes something else. */
const APART = [
  'settings.watchNamespaces',
  'settings.skipNamespaces',
  'settings.leaderElect',
  'status.enabled',
  'metrics.podMonitor.enabled',
]

function alone(values: Values): boolean {
  return APART.some((name) => name in values)
}

/** As many values as go together, each other than the standard; what switches something off is switched on again. */
export const EVERYTHING: Values = Object.assign(
  {},
  ...RENDER_CASES.map(({ values }) => values).filter((values) => !alone(values)),
  ...EFFECTS.map(({ value, given, beside }) => ({ ...beside, [value]: given })).filter((values) => !alone(values)),
  {
    'crds.enabled': true,
    'rbac.create': true,
    'rbac.aggregateToView': true,
    'approver.enabled': true,
    'podDisruptionBudget.enabled': true,
    'serviceAccount.create': true,
    replicas: 3,
  },
)
