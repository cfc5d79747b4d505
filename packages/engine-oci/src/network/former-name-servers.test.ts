import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from '@flotilla/host'
import { afterEach, expect, it } from 'vitest'
import { endFormerNameServers } from './former-name-servers.ts'

const folders: string[] = []
const children: ReturnType<typeof spawn>[] = []
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A program by the name and with the words of an aardvark-dns, which this machine need not have. */
async function former() {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-former-'))
  folders.push(folder)
  const named = 'exec -a /usr/lib/podman/aardvark-dns perl -e \'$| = 1; print "up"; sleep 60\' -- --config "$0" run'
  const child = spawn(['bash', '-c', named, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  writeFileSync(join(folder, 'aardvark.pid'), String(child.pid))
  if (child.stdout !== null) await once(child.stdout, 'data')
  return { folder, child }
}

it('ends the name servers of one folder, and no others', async () => {
  const [own, others] = [await former(), await former()]
  const ended = once(own.child, 'exit')
  await endFormerNameServers(own.folder)
  expect(await ended).toEqual([null, 'SIGKILL'])
  await endFormerNameServers(own.folder)
  expect([others.child.exitCode, others.child.signalCode]).toEqual([null, null])
})
