import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { KeyUsageFlags, KeyUsagesExtension, Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import type { Condition, KubeObject } from '../lab/kube-objects.ts'
import { newKeys } from '../lab/pki.ts'

export const NAMESPACE = 'bench'
export const API_VERSION = 'cert-manager.io/v1'

/** Whose requests they are: the controller's, ones that nobody but the bench (or cert-manager) answers, or another peer's. */
export type IssuerKind = 'MeshCAIssuer' | 'Issuer' | 'AWSPCAIssuer'

const GROUPS: Readonly<Record<IssuerKind, string>> = {
  MeshCAIssuer: 'meshca.dev',
  Issuer: 'cert-manager.io',
  AWSPCAIssuer: 'awspca.cert-manager.io',
}

/** An answer that has been made before. PEM. */
export interface ReadyAnswer {
  readonly certificate: string
  readonly ca: string
}

/** PEM of a P-256 request as cert-manager writes one for a CA. */
export async function newCsr(name: string): Promise<string> {
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}.bench,O=mesh`,
    keys: await newKeys(),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new KeyUsagesExtension(
        KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyCertSign,
        true,
      ),
    ],
  })
  return `${csr.toString('pem').trim()}\n`
}

export interface RequestOptions {
  /** Name of the Certificate; the request is called after it. */
  readonly name: string
  /** PEM. */
  readonly csr: string
  readonly kind: IssuerKind
  /** `bench` by default: the one with a CA in a Secret. */
  readonly issuer?: string
  /** Without the Certificate: as if somebody had written the request by hand. */
  readonly bare?: boolean
}

/** A request with what cert-manager puts on those of a Certificate: the owner and its annotations. */
export function requestObject(options: RequestOptions): KubeObject & { readonly spec: object } {
  const { name, csr, kind, issuer = 'bench', bare = false } = options
  return {
    apiVersion: API_VERSION,
    kind: 'CertificateRequest',
    metadata: { namespace: NAMESPACE, name: `${name}-1`, ...(bare ? {} : ofCertificate(name)) },
    spec: {
      request: base64(csr),
      isCA: true,
      duration: '2160h',
      usages: ['digital signature', 'key encipherment', 'cert sign'],
      issuerRef: { name: issuer, kind, group: GROUPS[kind] },
    },
  }
}

function ofCertificate(name: string): object {
  return {
    annotations: {
      'cert-manager.io/certificate-name': name,
      'cert-manager.io/certificate-revision': '1',
      'cert-manager.io/private-key-secret-name': `${name}-key`,
    },
    ownerReferences: [
      {
        apiVersion: API_VERSION,
        kind: 'Certificate',
        name,
        uid: randomUUID(),
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  }
}

/** Status of an issued request; `conditions` are those beside Ready. */
export function issuedStatus(answer: ReadyAnswer, conditions: readonly Condition[] = []): object {
  const ready = condition('Ready', 'Issued', 'The certificate is issued.')
  return {
    conditions: [...conditions, ready],
    certificate: base64(answer.certificate),
    ca: base64(answer.ca),
  }
}

/** A condition that became true just now. */
export function condition(type: string, reason: string, message: string): Condition {
  const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`
  return { type, status: 'True', reason, message, lastTransitionTime }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
