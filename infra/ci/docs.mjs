import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { projectFiles } from './tracked.mjs'

const builtIn = new Set(['ci', 'install', 'test', 'start'])

/**
 * What a page says that is not so: links to files or headings that are not there, commands that the project does not have.
 * @param {string} root
 * @param {string} file path from the root
 * @returns {string[]}
 */
export function complaintsAbout(root, file) {
  const text = readFileSync(join(root, file), 'utf8')
  return [...deadLinks(root, file, text), ...unknownCommands(root, text)].map((complaint) => `${file}: ${complaint}`)
}

/** @param {string} root @param {string} file @param {string} text */
function deadLinks(root, file, text) {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')
  const found = []
  for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)) {
    if (/^[a-z]+:/i.test(target)) continue
    const [path = '', anchor] = target.split('#')
    const page = path === '' ? file : join(dirname(file), decodeURIComponent(path))
    if (!existsSync(join(root, page))) found.push(`the link ${target} leads nowhere`)
    else if (anchor !== undefined && page.endsWith('.md') && !anchors(join(root, page)).has(anchor))
      found.push(`the link ${target} names a heading that is not there`)
  }
  return found
}

/** @param {string} page */
function anchors(page) {
  const headings = readFileSync(page, 'utf8').matchAll(/^#{1,6}\s+(.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  )
}

/** @param {string} root @param {string} text */
function unknownCommands(root, text) {
  const manifest = /** @type {{ scripts: Record<string, string> }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  )
  const scripts = new Set(Object.keys(manifest.scripts))
  const found = []
  for (const [, script = ''] of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
    if (!scripts.has(script)) found.push(`there is no \`npm run ${script}\``)
  }
  for (const line of commandLines(text)) {
    const [program = '', ...rest] = line.split(/\s+/)
    if (program === 'npm' && rest[0] !== 'run' && !builtIn.has(rest[0] ?? ''))
      found.push(`\`${line}\`: npm has no such command here`)
    if (program === 'node' || program.includes('/')) {
      const words = rest.filter((word, index) => !word.startsWith('-') && rest[index - 1] !== '--import')
      const script = program === 'node' ? words[0] : program
      if (script !== undefined && !script.startsWith('/') && !existsSync(join(root, script)))
        found.push(`\`${line}\`: ${script} is not there`)
    }
  }
  return found
}

/**
 * The commands in a page's shell fences, without prompts, settings in front and comments.
 * @param {string} text
 */
function commandLines(text) {
  const fences = [...text.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)]
  return fences
    .flatMap(([, body = '']) => body.split('\n'))
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/\s+#.*$/, '')
        .replace(/^(?:sudo |[A-Z_]+=\S+ )+/, '')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('#'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const complaints = projectFiles(root, ['*.md']).flatMap((file) => complaintsAbout(root, file))
  for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
  process.exitCode = complaints.length === 0 ? 0 : 1
}
