import { createInterface } from 'node:readline'
import type { AskedPort } from '../host.ts'
import { readHost } from '../read-host.ts'
import { reachOf } from '../reach.ts'

/** Answers in the network that it is started in: a port as JSON in a line, who reaches it as JSON in a line. */
for await (const line of createInterface({ input: process.stdin })) {
  const port = JSON.parse(line) as AskedPort
  process.stdout.write(`${JSON.stringify(reachOf(port, await readHost()))}\n`)
}
