/** Everything that stays the same while an Envoy runs. */
export interface EnvoyFiles {
  readonly configuration: string
  /** Watched folder with the identity and the roots. */
  readonly secrets: string
  readonly adminPort: number
  /** Serves mutual TLS. */
  readonly inboundPort: number
  /** Takes calls to other workloads in plain HTTP. */
  readonly outboundPort: number
}

/** Names of the secrets, and of their files without the ending. */
export const SECRETS = { identity: 'identity', roots: 'roots' } as const

/** Headers of a call to another workload: whom it expects, and at which `address:port`. */
export const CALL = { callee: 'x-callee', at: 'x-at' } as const

/** What a call that failed is answered with: Envoy's short code, and what TLS said. */
const FAILURE = { text_format_source: { inline_string: '%RESPONSE_FLAGS% %UPSTREAM_TRANSPORT_FAILURE_REASON%' } }
const TYPES = 'type.googleapis.com/envoy.extensions'
const CONNECT_TIMEOUT = '10s'

type Message = Readonly<Record<string, unknown>>

/** Static configuration of a sidecar which serves `peers`, and calls each of them as exactly that workload. */
export function envoyConfiguration(files: EnvoyFiles, peers: readonly string[]): Message {
  return {
    // SDS asks for a name, though nobody is told it.
    node: { id: 'lab', cluster: 'lab' },
    admin: { address: loopback(files.adminPort) },
    static_resources: {
      listeners: [inbound(files, peers), outbound(files)],
      clusters: peers.map((peer) => upstream(files, peer)),
    },
  }
}

/** The files that a workload's identity and roots are given in; `version` is what Envoy's statistics name them by. */
export function secretFiles(version: string, secret: SecretTexts): ReadonlyMap<string, Uint8Array> {
  const file = (name: string, what: Message): [string, Uint8Array] => {
    const resource = { '@type': `${TYPES}.transport_sockets.tls.v3.Secret`, name, ...what }
    return [`${name}.json`, Buffer.from(JSON.stringify({ version_info: version, resources: [resource] }))]
  }
  const certificate = { certificate_chain: inline(secret.chainPem), private_key: inline(secret.keyPem) }
  return new Map([
    file(SECRETS.identity, { tls_certificate: certificate }),
    file(SECRETS.roots, { validation_context: { trusted_ca: inline(secret.rootPem) } }),
  ])
}

export interface SecretTexts {
  readonly keyPem: string
  readonly chainPem: string
  readonly rootPem: string
}

function inbound(files: EnvoyFiles, peers: readonly string[]): Message {
  const route = { match: { prefix: '/' }, direct_response: { status: 200 } }
  const tls = typed('transport_sockets.tls.v3.DownstreamTlsContext', {
    common_tls_context: mutualTls(files, peers),
    require_client_certificate: true,
    disable_stateless_session_resumption: true,
    disable_stateful_session_resumption: true,
  })
  const chain = { filters: [httpManager('inbound', route)], transport_socket: { name: 'tls', typed_config: tls } }
  return { name: 'inbound', address: loopback(files.inboundPort), filter_chains: [chain] }
}

function outbound(files: EnvoyFiles): Message {
  const route = { match: { prefix: '/' }, route: { cluster_header: CALL.callee } }
  const chain = { filters: [httpManager('outbound', route, { local_reply_config: { body_format: FAILURE } })] }
  return { name: 'outbound', address: loopback(files.outboundPort), filter_chains: [chain] }
}

/** One cluster for each workload that is called, wherever it listens; every call is a connection and a handshake of its own. */
function upstream(files: EnvoyFiles, peer: string): Message {
  const tls = typed('transport_sockets.tls.v3.UpstreamTlsContext', {
    common_tls_context: mutualTls(files, [peer]),
    max_session_keys: 0,
  })
  const http = typed('upstreams.http.v3.HttpProtocolOptions', {
    explicit_http_config: { http_protocol_options: {} },
    common_http_protocol_options: { max_requests_per_connection: 1 },
  })
  return {
    name: peer,
    type: 'ORIGINAL_DST',
    lb_policy: 'CLUSTER_PROVIDED',
    original_dst_lb_config: { use_http_header: true, http_header_name: CALL.at },
    connect_timeout: CONNECT_TIMEOUT,
    transport_socket: { name: 'tls', typed_config: tls },
    typed_extension_protocol_options: { 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': http },
  }
}

function mutualTls({ secrets }: EnvoyFiles, peers: readonly string[]): Message {
  const source = (name: string): Message => ({
    name,
    sds_config: {
      resource_api_version: 'V3',
      path_config_source: { path: `${secrets}/${name}.json`, watched_directory: { path: secrets } },
    },
  })
  const names = peers.map((exact) => ({ san_type: 'URI', matcher: { exact } }))
  return {
    tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
    tls_certificate_sds_secret_configs: [source(SECRETS.identity)],
    combined_validation_context: {
      default_validation_context: { match_typed_subject_alt_names: names },
      validation_context_sds_secret_config: source(SECRETS.roots),
    },
  }
}

function httpManager(name: string, route: Message, more: Message = {}): Message {
  const router = { name: 'router', typed_config: typed('filters.http.router.v3.Router', {}) }
  const manager = typed('filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: name,
    route_config: { virtual_hosts: [{ name, domains: ['*'], routes: [route] }] },
    http_filters: [router],
    ...more,
  })
  return { name: 'http', typed_config: manager }
}

function typed(type: string, message: Message): Message {
  return { '@type': `${TYPES}.${type}`, ...message }
}

function loopback(port: number): Message {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}

function inline(text: string): Message {
  return { inline_string: text }
}
