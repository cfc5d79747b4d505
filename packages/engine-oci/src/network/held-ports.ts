import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { FlotillaError, type PortMapping } from '@flotilla/protocol'
import { findPortHolder } from './port-holder.ts'

/** A host port that nobody else can take as long as a copy of the socket is open anywhere. */
export interface HeldPort {
  fd: number
  mapping: PortMapping
  close(): Promise<void>
}

/**
 * Binds every port on the host; a host port of 0 gets a free one. Address translation alone binds nothing, and would take
 * another program's traffic in silence. Throws CONFLICT naming the holder, and then holds none of them.
 */
export async function holdPorts(
  ports: readonly PortMapping[],
  ownerOf: (mapping: PortMapping) => string | null,
): Promise<HeldPort[]> {
  const held: HeldPort[] = []
  try {
    for (const mapping of ports) held.push(await hold(mapping, ownerOf))
    return held
  } catch (error) {
    await Promise.all(held.map((port) => port.close()))
    throw error
  }
}

async function hold(mapping: PortMapping, ownerOf: (mapping: PortMapping) => string | null): Promise<HeldPort> {
  const host = mapping.hostIp === '' ? '0.0.0.0' : mapping.hostIp
  try {
    return await (mapping.protocol === 'tcp' ? holdTcp(mapping, host) : holdUdp(mapping, host))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const place = `${mapping.protocol.toUpperCase()} port ${mapping.hostPort}`
    if (code === 'EADDRINUSE') {
      const holder = ownerOf(mapping) ?? (await findPortHolder(mapping.protocol, mapping.hostPort)) ?? 'another program'
      throw new FlotillaError(
        'CONFLICT',
        `${place} of this host is taken by ${holder}. Choose another port, or stop what holds it.`,
        { cause: error },
      )
    }
    if (code === 'EADDRNOTAVAIL') {
      throw new FlotillaError('INVALID_ARGUMENT', `This host has no address ${host} to publish ${place} on.`, {
        cause: error,
      })
    }
    throw error
  }
}

function holdTcp(mapping: PortMapping, host: string): Promise<HeldPort> {
  return new Promise((resolve, reject) => {
    // What reaches the socket itself came before the rules: it is turned away.
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen({ port: mapping.hostPort, host, exclusive: true }, () => {
      const address = server.address()
      const hostPort = typeof address === 'object' && address !== null ? address.port : mapping.hostPort
      const close = once(() => new Promise<void>((done) => server.close(() => done())))
      resolve({ fd: descriptor(server), mapping: { ...mapping, hostPort }, close })
    })
  })
}

function holdUdp(mapping: PortMapping, host: string): Promise<HeldPort> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ port: mapping.hostPort, address: host, exclusive: true }, () => {
      const close = once(() => new Promise<void>((done) => socket.close(() => done())))
      resolve({ fd: descriptor(socket), mapping: { ...mapping, hostPort: socket.address().port }, close })
    })
  })
}

/** Node shows a socket's descriptor on its handle alone, in every version so far. */
function descriptor(socket: object): number {
  const { _handle: handle } = socket as { _handle?: { fd?: number } | null }
  const fd = handle?.fd
  if (typeof fd === 'number' && fd >= 0) return fd
  throw new FlotillaError('INTERNAL', 'This Node does not show the descriptor of a socket.')
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined
  return () => (result ??= work())
}
