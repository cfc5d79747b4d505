import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { projectFiles } from './tracked.mjs'

/** A file with more lines holds more than one concept. */
export const maxLines = 500

/**
 * @param {string} root
 * @param {string[]} files
 * @returns {string[]} a sentence for each file that is too long
 */
export function tooLong(root, files) {
  return files.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1
    return lines > maxLines
      ? [`${file} has ${lines} lines; at most ${maxLines}: which concept wants its own file?`]
      : []
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const patterns = ['*.ts', '*.tsx', '*.mjs', '*.cjs', '*.js', '*.css', '*.prisma', '*.sh', '.ci/run']
  const complaints = tooLong(root, projectFiles(root, patterns))
  for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
  process.exitCode = complaints.length === 0 ? 0 : 1
}
