import { AwsError, invalidMember } from './aws-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export interface TextLimits {
  readonly least?: number
  readonly most?: number
  readonly pattern?: RegExp
  readonly oneOf?: readonly string[]
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads members of a JSON structure as the service model declares them. `null` counts as absent.
 * Throws AwsError `SerializationException` for a wrong JSON type, `ValidationException` for a broken constraint.
 */
export class Input {
  readonly #object: JsonObject
  readonly #path: string

  constructor(object: unknown, path = '') {
    if (!isObject(object))
      throw new AwsError('SerializationException', 'Start of structure or map found where not expected')
    this.#object = object
    this.#path = path
  }

  text(member: string, limits: TextLimits = {}): string | undefined {
    const value = this.#get(member)
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw wrongType(member, 'STRING_VALUE')
    const broken = brokenLimit(value, limits)
    if (broken !== undefined) throw invalidMember(this.#where(member), value, broken)
    return value
  }

  requiredText(member: string, limits: TextLimits = {}): string {
    return this.text(member, limits) ?? this.#missing(member)
  }

  /** Octets in base64: from one to `most`. */
  requiredBlob(member: string, most: number): string {
    const text = this.requiredText(member, { least: 1 })
    const length = Buffer.byteLength(text, 'base64')
    const value = `java.nio.HeapByteBuffer[pos=0 lim=${length} cap=${length}]`
    if (length > most)
      throw invalidMember(this.#where(member), value, `Member must have length less than or equal to ${most}`)
    return text
  }

  flag(member: string): boolean | undefined {
    const value = this.#get(member)
    if (value !== undefined && typeof value !== 'boolean') throw wrongType(member, 'BOOLEAN_VALUE')
    return value
  }

  /** The type PositiveLong. */
  requiredCount(member: string): number {
    const value = this.#get(member) ?? this.#missing(member)
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(member, 'NUMBER_VALUE')
    if (value < 1)
      throw invalidMember(this.#where(member), String(value), 'Member must have value greater than or equal to 1')
    return value
  }

  structure(member: string): Input | undefined {
    const value = this.#get(member)
    return value === undefined ? undefined : new Input(value, `${this.#where(member)}.`)
  }

  requiredStructure(member: string): Input {
    return this.structure(member) ?? this.#missing(member)
  }

  /** 1 to `most` structures. */
  list(member: string, most: number): readonly Input[] {
    const value = this.#get(member)
    if (value === undefined) return []
    if (!Array.isArray(value)) throw wrongType(member, 'a list')
    const where = this.#where(member)
    if (value.length === 0) throw invalidMember(where, '[]', 'Member must have length greater than or equal to 1')
    if (value.length > most)
      throw invalidMember(where, '[...]', `Member must have length less than or equal to ${most}`)
    return value.map((one, index) => new Input(one, `${where}.${index + 1}.member.`))
  }

  #get(member: string): unknown {
    return this.#object[member] ?? undefined
  }

  /** The messages of the services name members in lower camel case. */
  #where(member: string): string {
    return `${this.#path}${member.charAt(0).toLowerCase()}${member.slice(1)}`
  }

  #missing(member: string): never {
    throw invalidMember(this.#where(member), 'null', 'Member must not be null')
  }
}

function brokenLimit(value: string, { least = 0, most, pattern, oneOf }: TextLimits): string | undefined {
  if (value.length < least) return `Member must have length greater than or equal to ${least}`
  if (most !== undefined && value.length > most) return `Member must have length less than or equal to ${most}`
  if (pattern?.test(value) === false) return `Member must satisfy regular expression pattern: ${pattern.source}`
  return oneOf?.includes(value) === false ? `Member must satisfy enum value set: [${oneOf.join(', ')}]` : undefined
}

function wrongType(member: string, wanted: string): AwsError {
  return new AwsError('SerializationException', `${member} can not be converted to ${wanted}`)
}
