import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'

/** How a lab host is reached over SSH. */
export interface SshAccess {
  address: string
  port: number
  user: string
  /** OpenSSH private key that the host lets in. */
  privateKey: string
  /** As OpenSSH shows it: `SHA256:` and base64 without padding. */
  hostKeyFingerprint: string
}

/** Makes keys and a configuration for an sshd; gives the command that runs it in the foreground. */
export async function prepareSshServer(
  folder: string,
  address: string,
): Promise<{ argv: string[]; access: SshAccess }> {
  const key = (name: string) => join(folder, name)
  for (const name of ['host', 'client']) {
    await runOk(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `flotilla-lab-${name}`, '-f', key(name)])
  }
  const settings = [
    `ListenAddress ${address}`,
    'Port 22',
    `HostKey ${key('host')}`,
    `AuthorizedKeysFile ${key('client.pub')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'AllowStreamLocalForwarding yes',
    'Subsystem sftp internal-sftp',
  ]
  await writeFile(key('sshd_config'), `${settings.join('\n')}\n`)
  const [, blob = ''] = (await readFile(key('host.pub'), 'utf8')).split(' ')
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')
  return {
    argv: ['/usr/sbin/sshd', '-D', '-e', '-f', key('sshd_config')],
    access: {
      address,
      port: 22,
      user: 'root',
      privateKey: await readFile(key('client'), 'utf8'),
      hostKeyFingerprint: `SHA256:${digest}`,
    },
  }
}
