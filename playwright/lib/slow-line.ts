import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface SlowLine {
  /** `127.0.0.1:41234`, to stand in references in place of the registry's own. */
  readonly host: string
  stop(): Promise<void>
}

/** A way to a server on loopback on which each connection brings so many bytes a second and no more. */
export async function openSlowLine(to: string, bytesPerSecond: number): Promise<SlowLine> {
  const port = Number(to.split(':').at(-1))
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    let timer: NodeJS.Timeout | undefined
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        open.delete(socket)
        clearTimeout(timer)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.on('data', (chunk: Buffer) => {
      near.write(chunk)
      far.pause()
      timer = setTimeout(() => far.resume(), (chunk.length / bytesPerSecond) * 1000)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
