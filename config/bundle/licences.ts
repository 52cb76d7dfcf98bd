import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** SPDX expression, as the package declares it. */
  readonly licence: string
  /** The texts of its licence and notice files. */
  readonly texts: readonly string[]
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([-.].*)?$/i

/** The packages that files of a bundle come from, by name. */
export function bundledPackages(files: readonly string[]): readonly BundledPackage[] {
  const folders = new Set(files.filter((file) => file.includes('node_modules/')).map(packageFolder))
  return [...folders].map(readPackage).sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1))
}

/** One text with all licences, to go with the bundle. */
export function licencesText(packages: readonly BundledPackage[]): string {
  const rule = '-'.repeat(80)
  const chapters = packages.map(
    ({ name, version, licence, texts }) =>
      `${rule}\n${name} ${version} (${licence})\n${rule}\n\n${texts.join('\n\n').trim()}\n`,
  )
  return `mesh-ca contains the following packages, each under its own licence.\n\n${chapters.join('\n')}`
}

/** The folder of the package that a file belongs to: nested package.json files without a name do not count. */
function packageFolder(file: string): string {
  const folder = dirname(file)
  return existsSync(join(folder, 'package.json')) && manifestOf(folder).name !== undefined
    ? folder
    : packageFolder(folder)
}

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function readPackage(folder: string): BundledPackage {
  const { name = folder, version = '', license } = manifestOf(folder)
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file))
  if (license === undefined) throw new Error(`${name} ${version} declares no licence: do not ship it.`)
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return { name, version, licence: license, texts }
}
