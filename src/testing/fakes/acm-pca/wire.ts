import type { AwsError } from './aws-error.ts'
import { isObject } from './input.ts'
import type { JournalEntry } from './journal.ts'
import { header, type WireRequest } from './sigv4.ts'
import type { XmlTree } from './sts.ts'

export interface WireReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a request asks for, before anybody knows whether it may. */
export type Asked =
  | { readonly service: 'acm-pca'; readonly operation: string; readonly input: unknown }
  | { readonly service: 'sts'; readonly operation: string; readonly fields: ReadonlyMap<string, string> }

const TARGET = 'ACMPrivateCA.'
const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'

/** The query protocol is told from JSON 1.1 by its form; a request that is neither has no operation. */
export function readRequest(request: WireRequest): Asked {
  const target = header(request, 'x-amz-target')
  const text = request.body.toString()
  if (
    target !== undefined ||
    header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') !== true
  ) {
    const operation = target?.startsWith(TARGET) === true ? target.slice(TARGET.length) : ''
    return { service: 'acm-pca', operation, input: readJson(text) }
  }
  const fields = new Map(new URLSearchParams(text))
  return { service: 'sts', operation: fields.get('Action') ?? '', fields }
}

/** Undefined where it is no JSON: that is told only to who may call. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type AskedFor = Pick<JournalEntry, 'authority' | 'template' | 'token' | 'certificateArn' | 'role'>

/** What a call was about, for the journal. */
export function askedFor(asked: Asked): AskedFor {
  const role = asked.service === 'sts' ? asked.fields.get('RoleArn') : undefined
  if (asked.service === 'sts') return role === undefined ? {} : { role }
  const members = [
    ['authority', 'CertificateAuthorityArn'],
    ['template', 'TemplateArn'],
    ['token', 'IdempotencyToken'],
    ['certificateArn', 'CertificateArn'],
  ] as const
  const sent = isObject(asked.input) ? asked.input : {}
  const found = members.map(([name, member]) => [name, sent[member]] as const)
  return Object.fromEntries(found.filter(([, value]) => typeof value === 'string'))
}

/** The frame of answers: AWS tells its own time, by which SDKs correct their clocks. */
export interface Frame {
  readonly service: 'acm-pca' | 'sts'
  readonly operation: string
  readonly requestId: string
  readonly now: number
}

export function jsonReply(frame: Frame, output: object): WireReply {
  return reply(frame, 200, JSON.stringify(output))
}

export function xmlReply(frame: Frame, result: XmlTree): WireReply {
  const { operation, requestId } = frame
  const contents = xml({ [`${operation}Result`]: result, ResponseMetadata: { RequestId: requestId } })
  return reply(frame, 200, `<${operation}Response xmlns="${STS_NAMESPACE}">${contents}</${operation}Response>`)
}

export function errorReply(frame: Frame, { code, message, status }: AwsError): WireReply {
  if (frame.service === 'acm-pca') return reply(frame, status, JSON.stringify({ __type: code, message }))
  const type = status < 500 ? 'Sender' : 'Receiver'
  const contents = xml({ Error: { Type: type, Code: code, Message: message }, RequestId: frame.requestId })
  return reply(frame, status, `<ErrorResponse xmlns="${STS_NAMESPACE}">${contents}</ErrorResponse>`)
}

export function reply({ service, requestId, now }: Frame, status: number, body: string): WireReply {
  const type = service === 'sts' ? 'text/xml' : 'application/x-amz-json-1.1'
  const headers = { 'content-type': type, 'x-amzn-requestid': requestId, date: new Date(now).toUTCString() }
  return { status, headers, body }
}

function xml(tree: XmlTree): string {
  return Object.entries(tree)
    .map(([name, value]) => `<${name}>${typeof value === 'string' ? escapeXml(value) : xml(value)}</${name}>`)
    .join('')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
