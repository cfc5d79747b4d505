import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Writes the database client from prisma/, where it is not there or older than the schema.
const root = fileURLToPath(new URL('../../', import.meta.url))
const generated = join(root, 'packages/db/src/generated')
const config = ['prisma.config.ts', 'packages/db/prisma.config.ts'].find((path) => existsSync(join(root, path)))

/** @param {string} folder @returns {number} the newest change of a file in it, in milliseconds; 0 where there is none */
function newest(folder) {
  if (!existsSync(folder)) return 0
  return Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )
}

const schema = newest(join(root, 'prisma'))
if (schema === 0 || config === undefined) {
  process.stdout.write('There is no database schema.\n')
  process.exitCode = 1
} else if (newest(generated) < schema) {
  execFileSync(join(root, 'node_modules/.bin/prisma'), ['generate', '--config', join(root, config)], {
    cwd: root,
    // The client needs no engine of its own; without this the command would try to download one.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}
