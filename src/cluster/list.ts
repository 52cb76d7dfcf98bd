import type { ApiClient } from './client.ts'
import type { Collection, Notice } from './watch.ts'
import { selection } from './watch.ts'

const PAGE = '500'

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items?: readonly unknown[]
}

/** All objects in pages, never more than one page in memory; ends with `complete`. */
export async function* pagedList(client: ApiClient, collection: Collection): AsyncGenerator<Notice> {
  const { path, signal } = collection
  let position = ''
  do {
    const query = { limit: PAGE, ...selection(collection), ...(position === '' ? {} : { continue: position }) }
    const page: Page = await client.request<Page>({ method: 'GET', path, query, signal })
    for (const object of page.items ?? []) yield { type: 'object', object }
    position = page.metadata.continue ?? ''
    if (position === '') yield { type: 'complete', resourceVersion: page.metadata.resourceVersion }
  } while (position !== '')
}
