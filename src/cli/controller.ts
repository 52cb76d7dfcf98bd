import { Command, Option } from 'commander'
import { type Flags, readSettings, SETTINGS, variableOf } from '../settings.ts'

/** `mesh-ca controller`: what the pod runs. */
export function controllerCommand(): Command {
  const command = new Command('controller').description('watch requests and sign them')
  for (const setting of SETTINGS) {
    const value = setting.placeholder === undefined ? '[bool]' : `<${setting.placeholder}>`
    const standard = setting.standard === '' ? '' : `, default ${setting.standard}`
    command.addOption(
      new Option(`--${setting.name} ${value}`, `${setting.help} (${variableOf(setting.name)}${standard})`),
    )
  }
  return command.action(async (options: Readonly<Record<string, string | boolean | undefined>>) => {
    const settings = readSettings(flagsOf(options))
    // Loaded last: help and mistakes should not wait for all of it.
    const { runController } = await import('../app.ts')
    await runController(settings)
  })
}

/** Commander gives `leaderElect` for `--leader-elect`. */
function flagsOf(options: Readonly<Record<string, string | boolean | undefined>>): Flags {
  return Object.fromEntries(
    SETTINGS.map(({ name }) => [name, options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]]),
  )
}
