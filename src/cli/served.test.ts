import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createTcpServer, type Server } from 'node:net'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import { testCa, testIntermediate, testLeaf } from '../testing/certificates.ts'
import { servedChain } from './served.ts'

const ROOT = testCa({ subject: 'CN=Root' })
const CA = testIntermediate(ROOT, { subject: 'CN=istiod' })
const LEAF = testLeaf(CA, { subject: 'CN=serving' })

/** What is read of a server on a port of its own. */
async function servedBy(server: Server): ReturnType<typeof servedChain> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  try {
    return await servedChain({ host: '127.0.0.1', port: address.port, serverName: 'istiod.istio-system.svc' })
  } finally {
    server.close()
  }
}

test('reads the chain that is presented, whoever signed it, its own certificate first', async () => {
  const cert = LEAF.certificatePem + CA.certificatePem + ROOT.certificatePem
  const served = await servedBy(createServer({ key: LEAF.privateKeyPem, cert }))
  assert.ok(served.state === 'read')
  assert.deepEqual(
    served.value.map(({ subject }) => subject.text),
    ['CN=serving', 'CN=istiod', 'CN=Root'],
  )
})

test('what is no TLS server is told in words', async () => {
  const served = await servedBy(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  assert.ok(served.state === 'failed')
  assert.match(served.message, /^127\.0\.0\.1:\d+: \w+$/)
})

test('nothing there is told in words', async () => {
  const served = await servedChain({ host: '127.0.0.1', port: 1, serverName: 'istiod.istio-system.svc' })
  assert.deepEqual(served, { state: 'failed', message: '127.0.0.1:1: ECONNREFUSED' })
})
