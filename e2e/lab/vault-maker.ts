import type { LabEnvironment } from './environment.ts'

/** Whose program the lab runs. */
export type VaultMaker = 'OpenBao' | 'HashiCorp'

/** HashiCorp's where MESH_CA_LAB_VAULT names it. */
export function vaultMaker({ vault }: LabEnvironment): VaultMaker {
  return vault === undefined ? 'OpenBao' : 'HashiCorp'
}
