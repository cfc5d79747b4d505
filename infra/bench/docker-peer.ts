import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { run, type RunOptions } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { createLabHost, type LabHost } from '@flotilla/testkit/lab'

/** A Docker Engine of its own, asked from outside of its namespaces as its users ask it. */
export interface DockerPeer {
  readonly host: LabHost
  readonly socketPath: string
  /** The command line of `docker ARGV`. */
  command(...argv: string[]): string[]
  /** Runs it to its end; throws with what it said where it fails. */
  cli(argv: readonly string[], options?: RunOptions): Promise<string>
  api<T>(method: string, path: string, body?: object): Promise<T>
  /** A hijacked connection: a terminal's bytes, both ways. */
  terminal(container: string, command: readonly string[]): Promise<Socket>
  close(): Promise<void>
}

export async function startDocker(): Promise<DockerPeer> {
  const host = await createLabHost({ name: 'bench', docker: true })
  const socketPath = join(host.folder, 'run', 'docker.sock')
  const command = (...argv: string[]) => ['docker', '-H', `unix://${socketPath}`, ...argv]
  const api = <T>(method: string, path: string, body?: object) => ask<T>(socketPath, method, path, body)
  return {
    ...{ host, socketPath, command, api },
    async cli(argv, options) {
      const result = await run(command(...argv), { timeoutMs: 300_000, ...options })
      if (result.exitCode !== 0) throw new FlotillaError('INTERNAL', `docker ${argv.join(' ')}: ${result.stderr}`)
      return result.stdout.toString().trim()
    },
    async terminal(container, argv) {
      const options = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true, Cmd: argv }
      const { Id } = await api<{ Id: string }>('POST', `/containers/${container}/exec`, options)
      return hijack(socketPath, `/exec/${Id}/start`, { Tty: true, Detach: false })
    },
    close: () => host.remove(),
  }
}

function ask<T>(socketPath: string, method: string, path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'docker', 'content-type': 'application/json' }
    const asked = request({ socketPath, method, path, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(parts).toString()
        if ((response.statusCode ?? 500) >= 400) reject(new FlotillaError('INTERNAL', `Docker ${path}: ${text}`))
        else resolve((text === '' ? {} : JSON.parse(text)) as T)
      })
    })
    asked.once('error', reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Docker's own upgrade to a raw stream. */
function hijack(socketPath: string, path: string, body: object): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    const text = JSON.stringify(body)
    let head = Buffer.alloc(0)
    const take = (part: Buffer) => {
      head = Buffer.concat([head, part])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', take)
      if (!/^HTTP\/1\.1 (101|200)/.test(head.toString())) reject(new FlotillaError('INTERNAL', head.toString()))
      socket.pause()
      const rest = head.subarray(end + 4)
      if (rest.length > 0) socket.unshift(rest)
      resolve(socket)
    }
    socket.on('data', take)
    socket.once('error', reject)
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
  })
}
