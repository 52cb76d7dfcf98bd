import { Command, CommanderError } from 'commander'
import { SettingsError } from '../settings.ts'
import { controllerCommand } from './controller.ts'

/** Runs one command and gives its exit code: 0 done, 1 failed, 2 called wrongly. */
export async function run(args: readonly string[]): Promise<number> {
  const program = new Command('mesh-ca')
    .description('cert-manager external issuer for the certificate authorities of service meshes')
    .exitOverride()
    .showHelpAfterError('(--help lists commands and options)')
    .addCommand(controllerCommand())
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof SettingsError) {
      process.stderr.write(`mesh-ca: ${error.message}\n`)
      return 2
    }
    throw error
  }
}
