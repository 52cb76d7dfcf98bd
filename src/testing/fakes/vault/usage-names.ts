import { EXT_KEY_USAGE_NAMES, KEY_USAGE_NAMES } from '../../../backends/vault/names.ts'
import type { KeyUsage } from '../../../pki/key-usage.ts'
import { Refusal } from './answer.ts'

/** From Vault's names. */
export function keyUsages(names: readonly string[]): readonly KeyUsage[] {
  const found = Object.entries(KEY_USAGE_NAMES).filter(([, name]) => names.includes(name))
  return found.map(([usage]) => usage).filter(isKeyUsage)
}

function isKeyUsage(text: string): text is KeyUsage {
  return Object.hasOwn(KEY_USAGE_NAMES, text)
}

/** Of Vault's name of an extended key usage. */
export function oidOf(name: string): string {
  const found = [...EXT_KEY_USAGE_NAMES].find(([, one]) => one === name)
  if (found === undefined) throw new Refusal(400, `unknown ext_key_usage ${name}`)
  return found[0]
}
