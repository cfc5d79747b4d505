import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { SshHost } from './ssh-host.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
})

it.each([
  ['no key', 'no key'],
  ['a public key', publicKey],
  ['a key with a passphrase', privateKey],
])('%s is refused before anybody is called', async (_what, key) => {
  const host = new SshHost({ host: '127.0.0.1', port: 1, username: 'root', privateKey: key, hostKey: 'SHA256:x' })
  await expect(host.dial('/run/agent.sock', AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    kind: 'ssh.badKey',
    field: ['privateKey'],
  })
})
