// Prepares the exported pages for a Content-Security-Policy without `unsafe-inline`: gives each page the placeholder that
// the control plane fills with the answer's nonce, and refuses markup that such a policy would block. Gives each the script that
// loads it once more where a part did not arrive. Refuses a text that was not read at the build: pages would show it as it stands.
// Then packs what is sent, and refuses a page that needs too much script.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packFiles, scriptBytes } from '@flotilla/config/pack'
import { loadAgainScript } from './load-again.mjs'

const out = new URL('../out/', import.meta.url).pathname
/** Packed bytes of script that a page may ask of a line before it shows itself; the first that anybody meets are the doors. */
const mostScriptBytes = (/** @type {string} */ page) => (/^(setup|sign-in)\.html$/.test(page) ? 200_000 : 250_000)
const placeholder = '<meta name="csp-nonce" content="__CSP_NONCE__"/>'
const refused = [/<[a-z][^>]*\sstyle="/i, /<style[\s>]/i, /<[a-z][^>]*\son[a-z]+="/i]

const files = await readdir(out, { recursive: true })
for (const script of files.filter((file) => file.endsWith('.js'))) {
  const unread = /\{\w+, (plural|select|selectordinal|number|date|time)\b[^}]*/.exec(
    await readFile(join(out, script), 'utf8'),
  )
  if (unread) throw new Error(`${script} holds a text that was not read at the build: ${unread[0]}`)
}
const pages = files.filter((file) => file.endsWith('.html'))
for (const page of pages) {
  const path = join(out, page)
  const html = await readFile(path, 'utf8')
  const markup = html.replaceAll(/<script[\s\S]*?<\/script>/g, '')
  for (const pattern of refused) {
    const found = pattern.exec(markup)
    if (found) throw new Error(`${page} holds markup that the policy blocks: ${found[0]}`)
  }
  if (html.includes('__CSP_NONCE__')) continue
  await writeFile(
    path,
    html.replace(/<head>/, () => `<head>${placeholder}${loadAgainScript}`),
  )
}
await packFiles(out)
let heaviest = 0
for (const page of pages) {
  const bytes = await scriptBytes(out, await readFile(join(out, page), 'utf8'))
  heaviest = Math.max(heaviest, bytes)
  const most = mostScriptBytes(page)
  if (bytes > most) throw new Error(`${page} needs ${bytes} bytes of packed script, more than ${most}.`)
}
process.stdout.write(`the heaviest page needs ${Math.round(heaviest / 1000)} kB of packed script\n`)
process.stdout.write(`${pages.length} pages ready for the content security policy\n`)
