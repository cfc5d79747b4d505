import { makeDatabase } from './made-database.ts'

/** `FOLDER MIGRATIONS`: for those who start control planes as programs. */
const [, , folder = '', migrations = ''] = process.argv
await makeDatabase(folder, migrations)
