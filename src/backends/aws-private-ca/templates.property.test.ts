import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EKU, type KeyUsage } from '../../pki/key-usage.ts'
import { CA, LEAF, NC, NC_EXTENSION } from '../../testing/aws-templates.ts'
import type { SigningRequest } from '../backend.ts'
import { CODE_SIGNING, OCSP_SIGNING, TEMPLATES } from './template-table.ts'
import { chooseTemplate } from './templates.ts'

const USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'encipherOnly',
]
const OIDS = [EKU.serverAuth, EKU.clientAuth, EKU.any, CODE_SIGNING, OCSP_SIGNING, '1.2.3.4']
const FLAGS: Readonly<Record<string, string>> = {
  DigitalSignature: 'digitalSignature',
  NonRepudiation: 'contentCommitment',
  KeyEncipherment: 'keyEncipherment',
  DataEncipherment: 'dataEncipherment',
  KeyAgreement: 'keyAgreement',
  KeyCertSign: 'keyCertSign',
  CRLSign: 'cRLSign',
  EncipherOnly: 'encipherOnly',
}
const TYPES: Readonly<Record<string, string>> = {
  SERVER_AUTH: EKU.serverAuth,
  CLIENT_AUTH: EKU.clientAuth,
  CODE_SIGNING,
  OCSP_SIGNING,
}

const requests = fc.record({
  isCA: fc.boolean(),
  pathLength: fc.nat(3),
  keyUsage: fc.subarray([...USAGES]),
  extKeyUsage: fc.subarray([...OIDS]),
  constrained: fc.boolean(),
})

test('whatever is asked for is in the template or in the call, and nothing else is', () => {
  fc.assert(
    fc.property(requests, ({ isCA, pathLength, keyUsage, extKeyUsage, constrained }) => {
      const request: SigningRequest = isCA
        ? {
            ...CA,
            pathLength,
            keyUsage: [...keyUsage, 'keyCertSign', 'cRLSign'],
            extKeyUsage,
            ...(constrained && { nameConstraints: NC }),
          }
        : { ...LEAF, keyUsage, extKeyUsage }
      const { template, passthrough } = chooseTemplate(request, undefined)
      const own = TEMPLATES.get(template)
      assert.ok(own)
      const { KeyUsage = {}, ExtendedKeyUsage = [], CustomExtensions = [] } = passthrough?.Extensions ?? {}
      const usages = own.keyUsage ?? Object.keys(KeyUsage).map((flag) => FLAGS[flag])
      const purposes =
        own.extKeyUsage ??
        ExtendedKeyUsage.map(
          ({ ExtendedKeyUsageType: type = '', ExtendedKeyUsageObjectIdentifier: oid }) => oid ?? TYPES[type],
        )
      assert.equal(own.isCA, isCA)
      assert.equal(own.takesCsr, false)
      assert.deepEqual(own.pathLength, request.pathLength)
      assert.deepEqual([...purposes].sort(), [...extKeyUsage].sort())
      assert.deepEqual(CustomExtensions, constrained && isCA ? [NC_EXTENSION] : [])
      if (isCA && own.keyUsage !== undefined) {
        assert.ok(request.keyUsage.every((usage) => usages.includes(usage) || usage === 'keyEncipherment'))
      } else {
        assert.deepEqual([...usages].sort(), [...request.keyUsage].sort())
      }
    }),
  )
})
