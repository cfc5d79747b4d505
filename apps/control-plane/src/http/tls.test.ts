import { X509Certificate, createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEnv } from '../env.ts'
import { OriginPolicy } from './origin-policy.ts'
import { selfSigned } from './self-signed.ts'
import { openTls } from './tls.ts'

test('its own certificate names how it is reached and serves TLS', async () => {
  const { cert, key } = await selfSigned(['fleet.example', '192.0.2.7', '127.0.0.1'])
  const parsed = new X509Certificate(cert)
  expect(parsed.subjectAltName).toBe('DNS:fleet.example, IP Address:192.0.2.7, IP Address:127.0.0.1')
  expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect(parsed.verify(parsed.publicKey)).toBe(true)
  expect(new Date(parsed.validTo).getUTCFullYear()).toBe(new Date().getUTCFullYear() + 10)
  const server = createServer({ cert, key }, (_request, response) => response.end('well'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, ca: cert }, (response) => {
      response.on('data', (chunk: Buffer) => resolve(chunk.toString()))
    }).once('error', reject)
  })
  expect(text).toBe('well')
  server.closeAllConnections()
  server.close()
})

test('a certificate of its own that cannot be read is set aside, and another is made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tls-'))
  const env = { ...readEnv({}), listen: '0.0.0.0', publicUrl: 'https://fleet.example', dataDir: folder }
  const warnings: string[] = []
  const log = { warn: (_: object, message: string) => void warnings.push(message) }
  await openTls(env, log)
  const path = join(folder, 'tls.json')
  for (const text of ['', '{"cert":"', '{}']) {
    await writeFile(path, text)
    const made = await openTls(env, log)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(made ?? {})
    expect(await readFile(`${path}.unreadable`, 'utf8')).toBe(text)
    expect(await openTls(env, log)).toMatchObject(made ?? {})
  }
  expect(warnings).toEqual(Array(3).fill(expect.stringMatching(/cannot be read and is set aside/)))
  await rm(folder, { recursive: true })
})

test('beyond loopback only the public name and the address itself are ours', () => {
  const policy = new OriginPolicy({ publicUrl: 'https://fleet.example', listen: '192.0.2.7', port: 4600 })
  expect([...policy.origins]).toEqual(['https://fleet.example', 'https://192.0.2.7:4600'])
  const loopback = new OriginPolicy({ publicUrl: 'https://fleet.example', listen: '127.0.0.1', port: 4600 })
  expect(loopback.origins.has('http://localhost:4600')).toBe(true)
})
