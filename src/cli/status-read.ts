import { readIssuer } from '../api/issuer.ts'
import { CLUSTER_ISSUER_KIND, ISSUER_KIND } from '../api/names.ts'
import { readCertificate } from '../doctor/certificate-facts.ts'
import type { StatusFacts } from '../doctor/status.ts'
import { ask } from './ask.ts'
import type { Cluster } from './clusters.ts'
import { listOf } from './list.ts'
import { certManagerObjects, issuers } from './paths.ts'

/** Lists the issuers and Certificates of a cluster, of one namespace where one is named; cluster issuers belong to none. */
export async function readStatus({ name, client }: Cluster, namespace: string | undefined): Promise<StatusFacts> {
  const [own, wide, certificates] = await Promise.all([
    ask(client, { ...issuers(ISSUER_KIND, namespace), read: listOf(readIssuer, ISSUER_KIND) }),
    ask(client, { ...issuers(CLUSTER_ISSUER_KIND), read: listOf(readIssuer, CLUSTER_ISSUER_KIND) }),
    ask(client, { ...certManagerObjects('certificates', namespace), read: listOf(readCertificate) }),
  ])
  return { cluster: name, issuers: { [ISSUER_KIND]: own, [CLUSTER_ISSUER_KIND]: wide }, certificates }
}
