import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Client } from 'ssh2'
import { afterEach, expect, it } from 'vitest'
import { instanceOf } from '@flotilla/config/instance'
import { type LabHost, createLabHost } from './index.ts'

// A host that is still being made when its test's time is over is taken away too.
const hosts: Promise<LabHost>[] = []
afterEach(async () => {
  for (const made of await Promise.allSettled(hosts.splice(0)))
    if (made.status === 'fulfilled') await made.value.remove()
})

function lab(options: { name: string; docker?: boolean }): Promise<LabHost> {
  const host = createLabHost(options)
  hosts.push(host)
  return host
}

const text = async (host: LabHost, argv: string[]) => (await host.exec(argv)).stdout.toString().trim()

it('makes two hosts with their own names, addresses and folders', async () => {
  const one = await lab({ name: 'one' })
  const two = await lab({ name: 'two' })
  expect(await text(one, ['hostname'])).toBe('one')
  expect(await text(two, ['hostname'])).toBe('two')
  expect(one.address).not.toBe(two.address)
  await one.exec(['touch', '/run/mine', '/var/lib/mine'])
  expect((await two.exec(['ls', '/run/mine'])).exitCode).not.toBe(0)
  expect(existsSync('/run/mine') || existsSync('/var/lib/mine')).toBe(false)
  expect(await text(one, ['sh', '-c', 'ls /sys/fs/cgroup'])).toContain('memory')
})

it('lets in the key it made, shows the host key it told, and nobody else', async () => {
  const host = await lab({ name: 'door' })
  const { access, fingerprint } = await login(host, host.ssh.privateKey)
  expect(access).toBe('door')
  expect(fingerprint).toBe(host.ssh.hostKeyFingerprint)
  const stranger = await lab({ name: 'stranger' })
  await expect(login(host, stranger.ssh.privateKey)).rejects.toThrow(/authentication/i)
})

function login(host: LabHost, privateKey: string): Promise<{ access: string; fingerprint: string }> {
  const client = new Client()
  let fingerprint = ''
  return new Promise<{ access: string; fingerprint: string }>((resolve, reject) => {
    client.on('error', reject) // a refused login may be followed by a reset
    client.once('ready', () => {
      client.exec('hostname', (error, channel) => {
        if (error !== undefined) return reject(error)
        let said = ''
        channel.on('data', (data: Buffer) => (said += data.toString()))
        channel.stderr.resume()
        channel.on('close', () => resolve({ access: said.trim(), fingerprint }))
      })
    })
    client.connect({
      host: host.ssh.address,
      port: host.ssh.port,
      username: host.ssh.user,
      privateKey,
      hostHash: 'sha256',
      hostVerifier: (hash: string) => {
        fingerprint = `SHA256:${Buffer.from(hash, 'hex').toString('base64').replace(/=+$/, '')}`
        return true
      },
    })
  }).finally(() => client.end())
}

it('is cut off without a word and mended', async () => {
  const host = await lab({ name: 'island' })
  // What was cut off in its middle is reset by the other side once the cable is there again.
  const server = createServer((socket) => socket.on('error', () => {}).end('here')).listen(0, host.outside)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const ask = () => host.exec(['timeout', '1', 'bash', '-c', `cat < /dev/tcp/${host.outside}/${port}`])
  expect((await ask()).stdout.toString()).toBe('here')
  await host.cut()
  expect((await ask()).exitCode).toBe(124)
  await host.mend()
  await expect.poll(async () => (await ask()).stdout.toString(), { timeout: 10_000 }).toBe('here')
  await new Promise((resolve) => server.close(resolve))
})

it('runs a dockerd of its own that sees this machine neither in its firewall nor in its containers', async () => {
  const host = await lab({ name: 'whale', docker: true })
  const info = await text(host, ['docker', 'info', '--format', '{{.Driver}} {{.Containers}} {{.Name}}'])
  expect(info).toBe('overlay2 0 whale')
  expect(await text(host, ['iptables-save', '-t', 'nat'])).toContain('DOCKER')
})

it('leaves nothing: programs, links, folders, the control groups of its agent', async () => {
  const host = await lab({ name: 'guest' })
  const instance = instanceOf(host.dataDir)
  const hierarchy = existsSync('/sys/fs/cgroup/memory') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup'
  const group = `${hierarchy}/flotilla-${instance}`
  expect((await host.exec(['mkdir', '-p', `${group}/0123456789abcdef`])).exitCode).toBe(0)
  const program = host.start('sleeper', ['bash', '-c', 'setsid sleep 7654321 & sleep 7654321'])
  await expect.poll(async () => (await text(host, ['pgrep', '-c', '-f', 'sleep 7654321'])) !== '0').toBe(true)
  await host.remove()
  expect(program.running).toBe(false)
  expect(existsSync(host.folder)).toBe(false)
  expect(existsSync(group)).toBe(false)
  expect(Object.values(networkInterfaces()).flat()).not.toContainEqual(
    expect.objectContaining({ address: host.outside }),
  )
  expect(await readFile('/proc/mounts', 'utf8')).not.toContain(host.folder)
})
