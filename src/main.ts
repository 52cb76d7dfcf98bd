const LEAST = { major: 22, minor: 19 }

/** Old versions of Node fail on import, so they are told before anything is loaded. */
function nodeIsTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < LEAST.major || (major === LEAST.major && minor < LEAST.minor)
}

async function main(): Promise<number> {
  const { node } = process.versions
  if (nodeIsTooOld(node)) {
    process.stderr.write(`mesh-ca needs Node ${LEAST.major}.${LEAST.minor} or newer; this is ${node}\n`)
    return 2
  }
  const { run } = await import('./cli/run.ts')
  return run(process.argv.slice(2))
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`mesh-ca: ${error instanceof Error ? error.message : 'unexpected failure'}\n`)
    process.exit(1)
  },
)
