// Prepares the exported pages for a Content-Security-Policy without `unsafe-inline`: gives each page the placeholder that
// the control plane fills with the answer's nonce, and refuses markup that such a policy would block.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const out = new URL('../out/', import.meta.url).pathname
const placeholder = '<meta name="csp-nonce" content="__CSP_NONCE__"/>'
const refused = [/<[a-z][^>]*\sstyle="/i, /<style[\s>]/i, /<[a-z][^>]*\son[a-z]+="/i]

const pages = (await readdir(out, { recursive: true })).filter((file) => file.endsWith('.html'))
for (const page of pages) {
  const path = join(out, page)
  const html = await readFile(path, 'utf8')
  const markup = html.replaceAll(/<script[\s\S]*?<\/script>/g, '')
  for (const pattern of refused) {
    const found = pattern.exec(markup)
    if (found) throw new Error(`${page} holds markup that the policy blocks: ${found[0]}`)
  }
  if (html.includes('__CSP_NONCE__')) continue
  await writeFile(path, html.replace(/<head>/, `<head>${placeholder}`))
}
process.stdout.write(`${pages.length} pages ready for the content security policy\n`)
