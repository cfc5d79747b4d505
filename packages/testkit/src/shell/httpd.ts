import type { Duplex } from 'node:stream'
import type { Command } from './types.ts'

/** `httpd -f -p PORT -h FOLDER`: answers each connection with a file until it is killed, as busybox's does. */
export async function httpd({ shell, args, write }: Command): Promise<number> {
  const value = (option: string) => args[args.indexOf(option) + 1] ?? ''
  const port = Number(value('-p'))
  const { listeners, files } = shell.process.options
  if (!args.includes('-p') || listeners.has(port)) {
    await write('stderr', `httpd: bind: Address already in use\n`)
    return 1
  }
  listeners.set(port, (connection) => {
    answer(connection, (name) => files.read(`${shell.path(value('-h'))}${name === '/' ? '/index.html' : name}`))
  })
  try {
    await shell.process.sleep(Number.POSITIVE_INFINITY)
    return 0
  } finally {
    listeners.delete(port)
  }
}

/** `fetch AT PORT`: prints the page of a web server at a name or address of the container's networks. */
export async function fetchPage({ shell, args: [at = '', port], write }: Command): Promise<number> {
  const connection = shell.process.options.network.dial(at, Number(port))
  if (connection === undefined) {
    await write('stderr', `fetch: ${at}: nothing answers\n`)
    return 1
  }
  connection.write('GET / HTTP/1.0\r\n\r\n')
  let page = ''
  for await (const chunk of connection) page += String(chunk)
  await shell.process.checkpoint()
  await write('stdout', page.split('\r\n\r\n')[1] ?? '')
  return 0
}

function answer(connection: Duplex, read: (name: string) => string): void {
  let request = ''
  connection.on('error', () => {}) // the caller has gone
  connection.on('data', (chunk: Buffer) => {
    request += chunk.toString('latin1')
    if (!request.includes('\r\n\r\n')) return
    try {
      const body = read(/^GET (\S+)/.exec(request)?.[1] ?? '/')
      connection.end(`HTTP/1.0 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    } catch {
      connection.end('HTTP/1.0 404 Not Found\r\n\r\n')
    }
  })
}
