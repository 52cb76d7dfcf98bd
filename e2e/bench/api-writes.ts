const WRITES = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION'])

/** Number of writes that an API server has answered, by `resource` or `resource/subresource`. */
export type WriteCounts = ReadonlyMap<string, number>

/** Reads `apiserver_request_total` of the API server's metrics. Refused writes count as well: they cost as much. */
export function readWrites(metrics: string): WriteCounts {
  const counts = new Map<string, number>()
  for (const line of metrics.split('\n')) {
    const found = /^apiserver_request_total\{(.*)\} (\S+)$/.exec(line)
    if (found === null) continue
    const labels = new Map([...(found[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]))
    if (!WRITES.has(labels.get('verb') ?? '')) continue
    const subresource = labels.get('subresource') ?? ''
    const resource = `${labels.get('resource')}${subresource === '' ? '' : `/${subresource}`}`
    counts.set(resource, (counts.get(resource) ?? 0) + Number(found[2]))
  }
  return counts
}

/** Writes to one resource between two readings. */
export function writesBetween(before: WriteCounts, after: WriteCounts, resource: string): number {
  return (after.get(resource) ?? 0) - (before.get(resource) ?? 0)
}
