import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'

const address = '127.77.0.53'

/** A server of names as a host has one: it answers every question with one address, and keeps what it was asked. */
export class Upstream {
  static readonly answer = '192.0.2.99'
  readonly asked: string[] = []
  readonly #socket = createSocket('udp4')

  static async open(): Promise<Upstream> {
    const upstream = new Upstream()
    upstream.#socket.on('message', (question, from) => {
      upstream.asked.push(nameIn(question))
      upstream.#socket.send(answerTo(question), from.port, from.address)
    })
    upstream.#socket.bind(53, address)
    await once(upstream.#socket, 'listening')
    return upstream
  }

  /** Starts the name server of an instance again where the host's server is this one: nobody else's resolv.conf changes. */
  async serveFor(runDir: string): Promise<void> {
    const pid = readFileSync(join(runDir, 'netavark/aardvark-dns/aardvark.pid'), 'utf8').trim()
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
    const resolvConf = join(runDir, 'resolv.conf')
    writeFileSync(resolvConf, `nameserver ${address}\n`)
    process.kill(Number(pid), 'SIGKILL')
    const script =
      'while kill -0 "$0" 2>/dev/null; do sleep 0.02; done; mount --bind "$1" /etc/resolv.conf; shift; exec "$@"'
    await runOk(['unshare', '--mount', 'sh', '-c', script, pid, resolvConf, ...argv])
    rmSync(resolvConf)
  }

  close(): void {
    this.#socket.close()
  }
}

/** The name in a message's one question (RFC 1035, 4.1.2), in small letters. */
function nameIn(message: Buffer): string {
  const labels: string[] = []
  for (let at = 12; (message[at] ?? 0) > 0; at += (message[at] ?? 0) + 1) {
    labels.push(message.toString('latin1', at + 1, at + 1 + (message[at] ?? 0)))
  }
  return labels.join('.').toLowerCase()
}

function answerTo(question: Buffer): Buffer {
  const end = question.indexOf(0, 12) + 5
  const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...Upstream.answer.split('.').map(Number)]
  return Buffer.concat([head, question.subarray(12, end), Buffer.from(record)])
}
