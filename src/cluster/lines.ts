import { ApiError } from './errors.ts'

/** No object of an API server is longer: etcd takes 1.5 MiB at most by default. */
const LINE_LIMIT = 16 * 1024 * 1024
const NEWLINE = 0x0a

/**
 * Cuts a text in UTF-8 that comes in chunks into its lines. A last line without a newline is half of one, and left out.
 * @throws ApiError with reason Unreadable, where a line is beyond all bounds
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      // Most chunks hold a whole line, which is then made into text at once.
      const line =
        length === 0
          ? chunk.toString('utf8', start, end)
          : Buffer.concat([...rest, chunk.subarray(0, end)]).toString('utf8')
      start = end + 1
      rest = []
      length = 0
      if (line !== '') yield line
    }
    if (start === chunk.length) continue
    rest.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > LINE_LIMIT) throw new ApiError(0, 'Unreadable', 'the API server sent a line of more than 16 MiB')
  }
}
