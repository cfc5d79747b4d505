import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { registryConfig } from '@flotilla/images/registry-config'

export interface RegistryServer {
  /** `127.0.0.1:5000`, as it stands in references. */
  host: string
  stop(): Promise<void>
}

/** Starts Debian's docker-registry on an address of its own with its content below a folder. The caller stops it. */
export async function startRegistry(options: { dir: string; port: number; address?: string }): Promise<RegistryServer> {
  const { dir, port, address = '127.0.0.1' } = options
  const host = `${address}:${port}`
  await mkdir(join(dir, 'data'), { recursive: true })
  const config = join(dir, 'config.yml')
  await writeFile(config, registryConfig({ host, data: join(dir, 'data') }))
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'docker-registry', 'serve', config], { stdio: 'ignore' })
  const ended = once(child, 'close')
  child.once('error', () => {}) // told below: it never answers
  for (let tries = 0; ; tries += 1) {
    if (child.exitCode !== null || tries > 200) {
      child.kill('SIGKILL')
      throw new Error(`docker-registry did not start on ${host}. Is it installed, and the port free?`)
    }
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined)
    if (answer?.ok === true) break
    await sleep(25)
  }
  return {
    host,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
