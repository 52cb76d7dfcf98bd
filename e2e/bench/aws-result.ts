import { AWS_LATENCY_MS, AWS_QUOTA, AWS_QUOTA_REQUESTS, type AwsResult } from './aws.ts'
import { perSecond, ratioOf } from './result.ts'
import { median } from './statistics.ts'
import { atLeast, atMost, type Row } from './table.ts'

/** The rows of AWS Private CA. */
export function awsRows({ limit, free, callsPerCertificate, slow, slowPeer, quotaSeconds }: AwsResult): readonly Row[] {
  const ratio = ratioOf(limit, free)
  const least = AWS_QUOTA_REQUESTS / AWS_QUOTA.IssueCertificate
  const writes = median(free.map(({ statusWritesPerCertificate }) => statusWritesPerCertificate))
  const slowRate = median(slow.map(({ certificatesPerSecond }) => certificatesPerSecond))
  return [
    { what: 'AWS: certificates/s, limit of the server', value: perSecond(limit) },
    { what: 'AWS: certificates/s, no quota', value: perSecond(free) },
    { what: 'AWS: over limit', value: ratio.toFixed(2), goal: atLeast(0.7, ratio) },
    {
      what: `AWS: certificates/s, ${AWS_LATENCY_MS} ms a call`,
      value: perSecond(slow),
      goal: atLeast(100, slowRate),
    },
    {
      what: `AWS: certificates/s, ${AWS_LATENCY_MS} ms a call, the existing issuer`,
      value: slowPeer.certificatesPerSecond.toFixed(0),
    },
    { what: 'AWS: calls per certificate', value: callsPerCertificate.toFixed(2) },
    {
      what: "AWS: writes of requests' status per certificate",
      value: writes.toFixed(2),
      goal: atMost(1, writes, 'write'),
    },
    {
      what: `AWS: ${AWS_QUOTA_REQUESTS} requests under ${AWS_QUOTA.IssueCertificate} a second`,
      value: `${quotaSeconds.toFixed(1)} s`,
      goal: atMost(1.1 * least, quotaSeconds, 's'),
    },
  ]
}
