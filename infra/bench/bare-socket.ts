import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { readOrder } from './peer-process.ts'

// The least that a message on the live channel costs: socket.io as the control plane sets it up, and one emit of these values.

export interface EmitOrder {
  message: object
  everyMs: number
}

const { message, everyMs } = await readOrder<EmitOrder>()
const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false, perMessageDeflate: false })
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))
// The monotonic clock is the same in all processes.
setInterval(() => io.emit('message', { ...message, sentAt: Number(process.hrtime.bigint()) / 1e6 }), everyMs)
