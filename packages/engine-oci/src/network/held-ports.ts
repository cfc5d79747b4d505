import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { FlotillaError, type PortMapping } from '@flotilla/protocol'
import { findOwnDescriptor, findPortHolder } from './port-holder.ts'

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

async function holdTcp(mapping: PortMapping, host: string): Promise<HeldPort> {
  // What reaches the socket itself came before the rules: it is turned away.
  const server = createServer((socket) => socket.destroy())
  server.listen({ port: mapping.hostPort, host, exclusive: true })
  await once(server, 'listening')
  const address = server.address()
  const hostPort = typeof address === 'object' && address !== null ? address.port : mapping.hostPort
  const close = single(() => new Promise<void>((done) => server.close(() => done())))
  const fd = shownDescriptor(server)
  return fd === null
    ? described({ ...mapping, hostPort }, host, close)
    : { fd, mapping: { ...mapping, hostPort }, close }
}

async function holdUdp(mapping: PortMapping, host: string): Promise<HeldPort> {
  const socket = createSocket('udp4')
  const close = single(() => new Promise<void>((done) => socket.close(() => done())))
  try {
    socket.bind({ port: mapping.hostPort, address: host, exclusive: true })
    await once(socket, 'listening')
  } catch (error) {
    await close()
    throw error
  }
  return described({ ...mapping, hostPort: socket.address().port }, host, close)
}

/** Node keeps a listening server's descriptor in its handle, though it promises nobody to; where it does not, /proc tells. */
function shownDescriptor(server: Server): number | null {
  const handle: unknown = Reflect.get(server, '_handle')
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
  return typeof fd === 'number' && fd > 2 ? fd : null
}

async function described(mapping: PortMapping, address: string, close: () => Promise<void>): Promise<HeldPort> {
  const fd = await findOwnDescriptor(mapping.protocol, { address, port: mapping.hostPort })
  if (fd !== null) return { fd, mapping, close }
  await close()
  throw new FlotillaError('INTERNAL', `The socket that holds port ${mapping.hostPort} cannot be found in /proc.`)
}

function single(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined
  return () => (result ??= work())
}
