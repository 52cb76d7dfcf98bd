/** The part of PromQL that our rules use; anything else is refused. Precedence is that of Prometheus. */
export type Expression =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'selector'; readonly selector: Selector }
  | { readonly type: 'call'; readonly name: 'absent' | 'increase' | 'rate' | 'time'; readonly argument?: Expression }
  | {
      readonly type: 'aggregate'
      readonly operator: Aggregate
      readonly by: readonly string[]
      readonly of: Expression
    }
  | { readonly type: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }

export interface Selector {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly operator: '=' | '=~'; readonly value: string }[]
  /** Of a range selector, seconds. */
  readonly range: number | undefined
}

export type Aggregate = 'max' | 'min' | 'sum'
export type Operator = '*' | '/' | '+' | '-' | '<' | '>' | '==' | 'and' | 'or'

/** Binds tightest first; all from the left. */
const LEVELS: readonly (readonly Operator[])[] = [['*', '/'], ['+', '-'], ['<', '>', '=='], ['and'], ['or']]
const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:[smhd])?)|([a-zA-Z_:][a-zA-Z0-9_:]*)|"([^"\\]*)"|(=~|==|[-+*/<>=(){}[\],]))/y
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign'
  readonly text: string
}

/** @throws Error for what is not in the subset */
export function parsePromql(text: string): Expression {
  const parser = new Parser(tokens(text))
  const expression = parser.expression()
  parser.end()
  return expression
}

function tokens(text: string): readonly Token[] {
  const found: Token[] = []
  const trimmed = text.trim()
  TOKEN.lastIndex = 0
  let at = 0
  while (at < trimmed.length) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(trimmed)
    if (match === null) throw new Error(`not in the subset: ${trimmed.slice(at, at + 30)}`)
    at = TOKEN.lastIndex
    const [, number, name, quoted, sign] = match
    if (number !== undefined) found.push({ kind: 'number', text: number })
    else if (name !== undefined) found.push({ kind: 'name', text: name })
    else if (quoted !== undefined) found.push({ kind: 'text', text: quoted })
    else found.push({ kind: 'sign', text: sign ?? '' })
  }
  return found
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(list: readonly Token[]) {
    this.#tokens = list
  }

  expression(level = LEVELS.length - 1): Expression {
    const operators = LEVELS[level]
    if (operators === undefined) return this.#operand()
    let left = this.expression(level - 1)
    for (;;) {
      const operator = operators.find((one) => this.#is(one))
      if (operator === undefined) return left
      this.#at += 1
      left = { type: 'binary', operator, left, right: this.expression(level - 1) }
    }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new Error(`not in the subset: ${this.#tokens[this.#at]?.text}`)
  }

  #operand(): Expression {
    if (this.#is('(')) {
      this.#take('(')
      const inner = this.expression()
      this.#take(')')
      return inner
    }
    const token = this.#next()
    if (token.kind === 'number') return { type: 'number', value: Number(token.text) }
    if (token.kind !== 'name') throw new Error(`not in the subset: ${token.text}`)
    const { text } = token
    if (text === 'max' || text === 'min' || text === 'sum') return this.#aggregate(text)
    if (text === 'absent' || text === 'increase' || text === 'rate' || text === 'time') return this.#call(text)
    return { type: 'selector', selector: this.#selector(text) }
  }

  #aggregate(operator: Aggregate): Expression {
    const by: string[] = []
    if (this.#is('by')) {
      this.#take('by')
      this.#take('(')
      while (!this.#is(')')) by.push(this.#listed())
      this.#take(')')
    }
    this.#take('(')
    const of = this.expression()
    this.#take(')')
    return { type: 'aggregate', operator, by, of }
  }

  #call(name: 'absent' | 'increase' | 'rate' | 'time'): Expression {
    this.#take('(')
    const argument = this.#is(')') ? undefined : this.expression()
    this.#take(')')
    return argument === undefined ? { type: 'call', name } : { type: 'call', name, argument }
  }

  #selector(metric: string): Selector {
    const matchers: Selector['matchers'][number][] = []
    if (this.#is('{')) {
      this.#take('{')
      while (!this.#is('}')) matchers.push(this.#matcher())
      this.#take('}')
    }
    if (!this.#is('[')) return { metric, matchers, range: undefined }
    this.#take('[')
    const range = secondsOf(this.#next().text)
    this.#take(']')
    return { metric, matchers, range }
  }

  #matcher(): Selector['matchers'][number] {
    const label = this.#next().text
    const operator = this.#next().text
    if (operator !== '=' && operator !== '=~') throw new Error(`not in the subset: ${operator}`)
    const { text: value } = this.#next()
    if (this.#is(',')) this.#take(',')
    return { label, operator, value }
  }

  #listed(): string {
    const { text } = this.#next()
    if (this.#is(',')) this.#take(',')
    return text
  }

  #is(text: string): boolean {
    const token = this.#tokens[this.#at]
    return token?.text === text && token.kind !== 'text'
  }

  #take(text: string): void {
    if (!this.#is(text)) throw new Error(`"${text}" is expected before "${this.#tokens[this.#at]?.text ?? ''}"`)
    this.#at += 1
  }

  #next(): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new Error('the expression ends too early')
    this.#at += 1
    return token
  }
}

/** `15m` and `1h`; a number alone counts seconds. */
export function secondsOf(text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text) ?? []
  const seconds = SECONDS[unit]
  if (number === '' || seconds === undefined) throw new Error(`not a duration of the subset: ${text}`)
  return Number(number) * seconds
}
