import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { type Env, isLoopback } from '../env.ts'
import { selfSigned } from './self-signed.ts'

/** What HTTPS needs; null where only this machine listens, or where a proxy in front on this machine does it. */
export async function openTls(env: Env): Promise<{ cert: string; key: string } | null> {
  if ((env.tlsCertFile === undefined) !== (env.tlsKeyFile === undefined)) {
    throw fail('server.halfTls')
  }
  if (env.tlsCertFile !== undefined && env.tlsKeyFile !== undefined) {
    return { cert: await readFile(env.tlsCertFile, 'utf8'), key: await readFile(env.tlsKeyFile, 'utf8') }
  }
  if (isLoopback(env.listen)) return null
  const names = [...new Set([new URL(env.publicUrl).hostname, 'localhost', '127.0.0.1', env.listen])]
  const path = join(env.dataDir, 'tls.json')
  const known = await readKnown(path)
  if (known !== null && names.every((name) => known.names.includes(name))) return known
  const made = { ...(await selfSigned(names)), names }
  await writeFileAtomic(path, JSON.stringify(made))
  return made
}

interface Known {
  cert: string
  key: string
  names: string[]
}

async function readKnown(path: string): Promise<Known | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Known
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
