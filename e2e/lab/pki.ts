import 'reflect-metadata'
import { generateKeyPairSync, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type GeneralNameType,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const DAY_MS = 24 * 3600 * 1000
const KEY = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' }

/** A certificate with its private key (PKCS#8), both PEM ending in one newline. */
export interface Credential {
  readonly certificatePem: string
  readonly keyPem: string
}

/** A CA of the lab. `chainPem` is this CA and those above it, without the root. */
export interface Authority extends Credential {
  readonly certificate: X509Certificate
  readonly privateKey: webcrypto.CryptoKey
  readonly chainPem: string
  readonly rootPem: string
}

export interface AuthorityOptions {
  readonly commonName: string
  /** Signer of an intermediate; without one the CA is a self-signed root. */
  readonly parent?: Authority
  readonly pathLength?: number
  /** Lifetime; default 3650 days, one minute of it already past. */
  readonly lifetimeMs?: number
}

export interface ServingOptions {
  readonly commonName: string
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
}

/** Makes a P-256 CA. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const { parent, commonName, pathLength, lifetimeMs = 3650 * DAY_MS } = options
  const keys = await newKeys()
  const subject = `CN=${commonName}`
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: parent === undefined ? subject : parent.certificate.subjectName,
    publicKey: keys.publicKey,
    signingKey: parent === undefined ? keys.privateKey : parent.privateKey,
    signingAlgorithm: SIGNATURE,
    ...lifetime(lifetimeMs),
    extensions: [
      new BasicConstraintsExtension(true, pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...(await identifiers(keys.publicKey, parent)),
    ],
  })
  const credential = await toCredential(certificate, keys.privateKey)
  return {
    ...credential,
    certificate,
    privateKey: keys.privateKey,
    chainPem: parent === undefined ? '' : credential.certificatePem + parent.chainPem,
    rootPem: parent === undefined ? credential.certificatePem : parent.rootPem,
  }
}

/** Makes a server certificate of one year below `authority`. */
export function issueServing(authority: Authority, options: ServingOptions): Promise<Credential> {
  return issueEndEntity(authority, { ...options, usages: [ExtendedKeyUsage.serverAuth] })
}

/** Makes a client certificate of one year below `authority`. */
export function issueClient(authority: Authority, commonName: string): Promise<Credential> {
  return issueEndEntity(authority, { commonName, dnsNames: [commonName], usages: [ExtendedKeyUsage.clientAuth] })
}

/** Makes a certificate of one year for a workload, in both roles, below `authority`. */
export function issueWorkload(authority: Authority, spiffeId: string): Promise<Credential> {
  const usages = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]
  return issueEndEntity(authority, { commonName: 'workload', uris: [spiffeId], usages })
}

async function issueEndEntity(
  authority: Authority,
  options: ServingOptions & { readonly uris?: readonly string[]; readonly usages: ExtendedKeyUsage[] },
): Promise<Credential> {
  const keys = await newKeys()
  const names: { readonly type: GeneralNameType; readonly value: string }[] = [
    ...(options.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(options.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
    ...(options.uris ?? []).map((value) => ({ type: 'url' as const, value })),
  ]
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${options.commonName}`,
    issuer: authority.certificate.subjectName,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: SIGNATURE,
    ...lifetime(365 * DAY_MS),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(options.usages),
      new SubjectAlternativeNameExtension(names),
      ...(await identifiers(keys.publicKey, authority)),
    ],
  })
  return toCredential(certificate, keys.privateKey)
}

/** A P-256 pair for signing ServiceAccount tokens, in the PEM forms that kube-apiserver reads. */
export function createTokenSigningKeys(): { readonly privatePem: string; readonly publicPem: string } {
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { privatePem: keys.privateKey, publicPem: keys.publicKey }
}

/** PKCS#8 PEM of a private key, ending in one newline. */
export async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key)
  return `${PemConverter.encode(pkcs8, 'PRIVATE KEY').trim()}\n`
}

/** A fresh P-256 signing pair whose private key can be exported. */
export function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
}

function lifetime(durationMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const start = Math.floor(Date.now() / 1000) * 1000 - 60_000
  return { notBefore: new Date(start), notAfter: new Date(start + durationMs) }
}

async function identifiers(key: webcrypto.CryptoKey, parent: Authority | undefined): Promise<readonly Extension[]> {
  const own = await SubjectKeyIdentifierExtension.create(key)
  if (parent === undefined) return [own]
  return [own, await AuthorityKeyIdentifierExtension.create(parent.certificate)]
}

async function toCredential(certificate: X509Certificate, key: webcrypto.CryptoKey): Promise<Credential> {
  return { certificatePem: `${certificate.toString('pem').trim()}\n`, keyPem: await privateKeyPem(key) }
}
