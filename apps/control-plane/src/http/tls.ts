import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setAside, writeFileAtomic } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'
import { type Env, isLoopback } from '../env.ts'
import { selfSigned } from './self-signed.ts'

interface Warnings {
  warn(fields: object, message: string): void
}

/** What HTTPS needs; null where only this machine listens, or where a proxy in front on this machine does it. */
export async function openTls(env: Env, log: Warnings): Promise<{ cert: string; key: string } | null> {
  if ((env.tlsCertFile === undefined) !== (env.tlsKeyFile === undefined)) {
    throw fail('server.halfTls')
  }
  if (env.tlsCertFile !== undefined && env.tlsKeyFile !== undefined) {
    return { cert: await readFile(env.tlsCertFile, 'utf8'), key: await readFile(env.tlsKeyFile, 'utf8') }
  }
  if (isLoopback(env.listen)) return null
  const names = [...new Set([new URL(env.publicUrl).hostname, 'localhost', '127.0.0.1', env.listen])]
  const path = join(env.dataDir, 'tls.json')
  const known = await readKnown(path, log)
  if (known !== null && names.every((name) => known.names.includes(name))) return known
  await mkdir(env.dataDir, { recursive: true, mode: 0o700 }) // it is the first to write there
  const made = { ...(await selfSigned(names)), names }
  await writeFileAtomic(path, JSON.stringify(made), { durable: true })
  return made
}

const Known = z.object({ cert: z.string(), key: z.string(), names: z.array(z.string()) })

/** One that cannot be read is set aside: a new certificate costs a question in the browser, none at all the dashboard. */
async function readKnown(path: string, log: Warnings): Promise<z.infer<typeof Known> | null> {
  try {
    return Known.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    const aside = await setAside(path)
    log.warn({ path, aside }, 'the certificate cannot be read and is set aside; browsers ask about the new one')
    return null
  }
}
