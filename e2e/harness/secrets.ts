import { createPrivateKey } from 'node:crypto'
import type { ControlPlane } from '../lab/control-plane.ts'
import type { Secret } from '../lab/kube-objects.ts'

/** How much of a secret is taken for the secret: whoever quotes twice as much is found. */
const PIECE = 16
const BEGIN_CERTIFICATE = '-----BEGIN CERTIFICATE-----'

/**
 * How secrets look that no test holds itself: keys, tokens of ServiceAccounts (JWT), of Vault and OpenBao, sessions that AWS
 * gave.
 */
const SHAPES =
  /-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.[\w-]{10,}|\b(?:s|hvs|hvb)\.[A-Za-z0-9]{16,}|\bFwoG[\w/+]{16,}/g

/** The values of Secrets that nobody may print: certificates and the names of access keys are no secrets. */
export function valuesOf(secrets: readonly Secret[]): readonly string[] {
  return secrets
    .flatMap(({ data = {} }) => Object.entries(data))
    .filter(([name]) => name !== 'AWS_ACCESS_KEY_ID')
    .map(([, value]) => Buffer.from(value, 'base64').toString('utf8').trim())
    .filter((value) => value.length >= PIECE && !value.startsWith(BEGIN_CERTIFICATE))
}

/** Everything secret of a control plane that can be asked: the values of its Secrets, and the tokens of its users. */
export async function secretsOf({ admin, users }: ControlPlane): Promise<readonly string[]> {
  const { items } = await admin.list<Secret>({ apiVersion: 'v1', kind: 'Secret' })
  return [...valuesOf(items), ...Object.values(users).map(({ token }) => token)]
}

/** What of these secrets, or what that looks like one, is in the text. Line breaks, as such and in JSON, hide nothing. */
export function leaksIn(text: string, secrets: readonly string[]): readonly string[] {
  const plain = withBase64(text).replaceAll(/\s|\\n/g, '')
  const pieces = new Set(secrets.flatMap(searchedFor).flatMap(piecesOf))
  const found = new Set(text.match(SHAPES) ?? [])
  for (let at = 0; at + PIECE <= plain.length; at += 1) {
    const piece = plain.slice(at, at + PIECE)
    if (pieces.has(piece)) found.add(piece)
  }
  return [...found]
}

/** Beside the text whatever is base64 in it, read. */
function withBase64(text: string): string {
  const encoded = text.match(/[A-Za-z0-9+/]{40,}=*/g) ?? []
  return [text, ...encoded.map((one) => Buffer.from(one, 'base64').toString('utf8'))].join('\n')
}

/** A key is its private number, however the rest of it is written; anything else is itself. */
function searchedFor(secret: string): readonly string[] {
  return secret.includes('PRIVATE KEY-----') ? scalarsIn(secret) : [secret]
}

/** The private number of a key, as base64 at each of the three places where it may begin in a longer text. */
function scalarsIn(pem: string): readonly string[] {
  const scalar = Buffer.from(scalarOf(pem) ?? '', 'base64url')
  if (scalar.length === 0) return []
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), scalar])
      .toString('base64')
      .replace(/=+$/, '')
    return text.slice(shift === 0 ? 0 : shift + 1, -2)
  })
}

function scalarOf(pem: string): string | undefined {
  try {
    return createPrivateKey(pem).export({ format: 'jwk' }).d
  } catch {
    return undefined
  }
}

function piecesOf(secret: string): readonly string[] {
  return secret.replaceAll(/\s/g, '').match(new RegExp(`.{${PIECE}}`, 'g')) ?? []
}
