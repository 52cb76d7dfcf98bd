import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Access, Admission } from './access.ts'
import type { Overview } from './overview.ts'
import { FAILED, type Reply, UNKNOWN } from './routes.ts'
import { send } from './server.ts'
import { statusJson } from './status-json.ts'
import { statusPage } from './status-page.ts'
import { STYLE_HASH } from './status-style.ts'

export interface StatusSources {
  readonly overview: () => Overview
  /** Who is let in; undefined where the page is served on a loopback address, to whoever is on this machine. */
  readonly access: Pick<Access, 'admit'> | undefined
}

const REFRESH_SECONDS = 30
const TEXT = 'text/plain; charset=utf-8'

/** What holds for every answer: nothing is run, fetched, framed, sent on or kept. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
}

/** An express application that answers GET and HEAD of `/` and `/status.json`. */
export function makeStatusApp({ overview, access }: StatusSources): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(async (request: Request, response: Response, next: NextFunction) => {
    response.set(HEADERS)
    const refusal = access === undefined ? foreignHost(request.headers.host) : await refusalOf(access, request)
    if (refusal === undefined) next()
    else send(response, refusal)
  })
  app.get('/', (request, response) => {
    const refreshSeconds = request.query.refresh === 'off' ? undefined : REFRESH_SECONDS
    // A header, since a page that is told by its own markup to load again keeps on doing so once it is saved.
    if (refreshSeconds !== undefined) response.set('refresh', String(refreshSeconds))
    const body = statusPage(overview(), { refreshSeconds, whole: request.query.rows === 'all' })
    send(response, { status: 200, type: 'text/html; charset=utf-8', body })
  })
  app.get('/status.json', (_request, response) => {
    send(response, { status: 200, type: 'application/json; charset=utf-8', body: statusJson(overview()) })
  })
  app.use((_request: Request, response: Response) => send(response, UNKNOWN))
  // express knows handlers of errors by their four parameters.
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => send(response, FAILED))
  return app
}

/**
 * Without tokens, being on this machine is what lets somebody in; a page elsewhere whose name was made to lead here (DNS
 * rebinding) shows by its name that it is not.
 */
function foreignHost(host: string | undefined): Reply | undefined {
  if (/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host ?? '')) return undefined
  return { status: 403, type: TEXT, body: 'this page is served to this machine alone: ask for it as localhost\n' }
}

const REFUSALS: Readonly<Record<Exclude<Admission, 'allowed'>, Reply>> = {
  unknown: {
    status: 401,
    type: TEXT,
    body: 'send a token of this cluster: Authorization: Bearer ...\n',
    headers: { 'www-authenticate': 'Bearer realm="mesh-ca-issuer"' },
  },
  forbidden: {
    status: 403,
    type: TEXT,
    body: 'you may not see this: it takes the verb get on the non-resource URL /status\n',
  },
  unavailable: {
    status: 503,
    type: TEXT,
    body: 'the API server could not be asked who you are; try again in a moment\n',
    headers: { 'retry-after': '1' },
  },
}

async function refusalOf(access: Pick<Access, 'admit'>, request: Request): Promise<Reply | undefined> {
  const admission = await access.admit(request.headers.authorization)
  return admission === 'allowed' ? undefined : REFUSALS[admission]
}
