import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { busyboxRoot } from './busybox.ts'
import { freshLayout, type ImageRun } from './layout.ts'

export const starterReference = 'flotilla.local/starter:latest'

/** What every image here runs: busybox httpd on port 80, ended at once by TERM. */
export const webRun: ImageRun = { Cmd: ['/bin/sh', '/start'], ExposedPorts: { '80/tcp': {} } }

const startScript = `#!/bin/sh
trap 'kill "$child" 2>/dev/null; exit 0' TERM INT
httpd -f -v -p 80 -h /www &
child=$!
echo "Serving /www on port 80"
wait "$child"
`

const page = (title: string) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:18px/1.6 system-ui;max-width:34rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>${title}</h1>
<p>This page comes from a container that Flotilla runs on this host. Open its terminal and change <code>/www/index.html</code>.</p>
</html>
`

/** Puts a web page, its server and a shell into a folder. */
export async function webRoot(root: string, title: string): Promise<void> {
  await busyboxRoot(root)
  await mkdir(join(root, 'www'))
  await writeFile(join(root, 'www', 'index.html'), page(title))
  await writeFile(join(root, 'start'), startScript)
  await chmod(join(root, 'start'), 0o755)
}

/** Makes the starter image as an OCI layout folder: a web page and a shell on busybox. */
export async function makeStarterImage(dir: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'flotilla-starter-'))
  try {
    await chmod(root, 0o755)
    await webRoot(root, 'It runs.')
    const layout = await freshLayout(dir)
    await layout.addLayer({ folder: root, createdBy: 'busybox with a web page' })
    await layout.finish({ ...webRun, Labels: { 'org.opencontainers.image.title': 'Flotilla starter' } })
  } finally {
    await rm(root, { recursive: true })
  }
}

const [, script, target] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(resolve(script)).href) {
  if (target === undefined) throw new Error('Give the folder to make: tsx packages/images/src/starter.ts FOLDER')
  await makeStarterImage(resolve(target))
  process.stdout.write(`${starterReference}\n`)
}
