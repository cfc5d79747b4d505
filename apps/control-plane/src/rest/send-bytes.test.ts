import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { boundDeparture } from '../http/departure.ts'
import { sendBytes } from './send-bytes.ts'

const piece = Buffer.alloc(64 * 1024)
/** More than the buffers of a connection on one machine take. */
const pieces = 500
const departureMs = 500

/** What is read, and whether whoever reads it has let it go. */
const held = { now: 0 }
async function* source(): AsyncGenerator<Uint8Array> {
  held.now += 1
  try {
    for (let count = 0; count < pieces; count += 1) yield await Promise.resolve(piece)
  } finally {
    held.now -= 1
  }
}

/** Asks for the bytes over a connection that reads nothing yet. */
async function asked(work: (socket: Socket) => Promise<void>): Promise<void> {
  const server = createServer((_request, response) => {
    boundDeparture(response, departureMs)
    const abort = new AbortController()
    response.once('close', () => abort.abort())
    sendBytes(response, source(), 'file', abort).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.pause()
  socket.on('error', () => {}) // it is cut
  socket.write('GET / HTTP/1.1\r\nhost: local\r\nconnection: close\r\n\r\n')
  try {
    await work(socket)
  } finally {
    socket.destroy()
    server.close()
    await once(server, 'close')
  }
}

const lastChunk = '\r\n0\r\n\r\n'

test('an answer whose reader takes nothing is cut, lets go of what it reads, and cannot be taken for whole', async () => {
  await asked(async (socket) => {
    await expect.poll(() => held.now, { timeout: 5000 }).toBe(1)
    await expect.poll(() => held.now, { timeout: 10 * departureMs }).toBe(0)
    let [bytes, tail] = [0, '']
    socket.on('data', (data) => {
      bytes += data.length
      tail = (tail + data.toString('latin1')).slice(-lastChunk.length)
    })
    await once(socket.resume(), 'close')
    expect(bytes).toBeLessThan(pieces * piece.length)
    expect(tail).not.toBe(lastChunk)
  })
})

test('an answer whose reader is slow but goes on is whole', async () => {
  await asked(async (socket) => {
    let [bytes, tail, ended] = [0, '', false]
    socket.on('data', (data) => {
      bytes += data.length
      tail = (tail + data.toString('latin1')).slice(-lastChunk.length)
    })
    socket.once('end', () => (ended = true))
    const since = performance.now()
    while (!ended && performance.now() - since < 3 * departureMs) {
      socket.resume()
      await sleep(2)
      socket.pause()
      await sleep(departureMs / 10)
    }
    socket.resume()
    await expect.poll(() => ended, { timeout: 10_000 }).toBe(true)
    expect([bytes > pieces * piece.length, tail]).toEqual([true, lastChunk])
  })
})
