import { Command, CommanderError } from 'commander'
import { SettingsError } from '../settings.ts'
import { checkCommand } from './check.ts'
import { controllerCommand } from './controller.ts'
import { doctorCommand } from './doctor.ts'
import { EXIT, UsageError } from './exit.ts'
import { statusCommand } from './status.ts'
import { verifyCommand } from './verify.ts'

/** Runs one command and gives its exit code: see `EXIT`. What fails otherwise is thrown. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = EXIT.fine
  const finish = (value: number): void => {
    code = value
  }
  const program = new Command('mesh-ca')
    .description('cert-manager external issuer for the certificate authorities of service meshes')
    .addCommand(controllerCommand())
    .addCommand(doctorCommand(finish))
    .addCommand(statusCommand(finish))
    .addCommand(checkCommand(finish))
    .addCommand(verifyCommand(finish))
  for (const command of [program, ...program.commands])
    command.exitOverride().allowExcessArguments(false).showHelpAfterError('(--help lists commands and options)')
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage
    if (!(error instanceof SettingsError) && !(error instanceof UsageError)) throw error
    process.stderr.write(`mesh-ca: ${error.message}\n`)
    return EXIT.usage
  }
}
