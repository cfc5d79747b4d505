import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'

const head = `# Long runs

What \`npm test\` leaves out, run by \`npm run test:long -- NAME\`; \`npm run test:long\` lists the names. Each run adds its line here.

| run | result | date | kernel | minutes |
| --- | ------ | ---- | ------ | ------- |
`

/**
 * Adds a run to the page.
 * @param {string} path
 * @param {{ name: string, result: string, kernel?: string, ms: number, date?: Date }} run `kernel`: where it is not this machine's
 */
export function note(path, { name, result, kernel = os.release(), ms, date = new Date() }) {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : head
  const cells = [name, result, date.toISOString().slice(0, 10), kernel, (ms / 60_000).toFixed(1)]
  writeFileSync(path, `${before.trimEnd()}\n| ${cells.join(' | ')} |\n`)
}
