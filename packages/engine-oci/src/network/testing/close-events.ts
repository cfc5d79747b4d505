import { NetworkEvents } from '../network-events.ts'

// A process that has nothing to wait for but the end of the one that listens. Its argument is an instance's id.

const events = new NetworkEvents(process.argv[2] ?? '')
await events.take()
await events.close()
process.stdout.write('closed')
