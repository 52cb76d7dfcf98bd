import { ApiError } from './errors.ts'

/** No object of an API server is longer: etcd takes 1.5 MiB at most by default. */
const LINE_LIMIT = 16 * 1024 * 1024

/**
 * Cuts a text that comes in chunks into its lines. A last line without a newline is half of one, and left out.
 * @throws ApiError with reason Unreadable, where a line is beyond all bounds
 */
export async function* splitLines(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest: string[] = []
  let length = 0
  for await (const chunk of chunks) {
    const [first = '', ...parts] = String(chunk).split('\n')
    rest.push(first)
    length += first.length
    for (const part of parts) {
      const line = rest.length === 1 ? rest[0] : rest.join('')
      rest = [part]
      length = part.length
      if (line !== undefined && line !== '') yield line
    }
    if (length > LINE_LIMIT)
      throw new ApiError(0, 'Unreadable', 'the API server sent a line of more than 16 Mi characters')
  }
}
