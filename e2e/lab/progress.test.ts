import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { showProgress } from './progress.ts'

function recorder(isTTY: boolean): { readonly isTTY: boolean; readonly lines: string[]; write(text: string): void } {
  const lines: string[] = []
  return { isTTY, lines, write: (text) => lines.push(text.replace(/\d+ s/, 'N s')) }
}

test('a build log gets a line at the start, every 15 s and at the end', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const output = recorder(false)
  const progress = showProgress(output, 'Building,', 2)
  const done = progress.start('first')
  context.mock.timers.tick(31_000)
  done()
  context.mock.timers.tick(60_000)
  progress.start('second')()
  assert.deepEqual(output.lines, [
    'Building, 1 of 2: first …\n',
    'Building, 1 of 2: first … N s\n',
    'Building, 1 of 2: first … N s\n',
    'Building, 1 of 2: first done in N s\n',
    'Building, 2 of 2: second …\n',
    'Building, 2 of 2: second done in N s\n',
  ])
})

test('a terminal gets one line that ticks every second', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const output = recorder(true)
  const done = showProgress(output, 'Building,', 1).start('only')
  context.mock.timers.tick(2_000)
  done()
  assert.equal(
    output.lines.join(''),
    'Building, 1 of 1: only …\rBuilding, 1 of 1: only … N s'.concat(
      '\rBuilding, 1 of 1: only … N s',
      '\rBuilding, 1 of 1: only done in N s\n',
    ),
  )
})

test('work that was begun and never ended does not keep the program alive', async () => {
  const module = JSON.stringify(new URL('./progress.ts', import.meta.url).href)
  const program = `import { showProgress } from ${module}; showProgress(process.stdout, 'Building', 1).start('etcd')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 10_000,
  })
  assert.equal(stdout, 'Building 1 of 1: etcd …\n')
})
