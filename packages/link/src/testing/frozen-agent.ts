import net from 'node:net'
import { serve } from '../serve.ts'
import { testService } from './service.ts'

/** A whole agent in a process of its own, to be stopped in the middle: serves each connection on the socket in argv. */
const { service } = testService()
const server = net.createServer((socket) => {
  serve(socket, { find: () => service, hello: { version: '1' } })
})
server.listen(process.argv[2], () => process.stdout.write('listening\n'))
