import { createFailurePoint } from '@flotilla/engine'
import { systemScope } from '@flotilla/protocol'
import { openEngine } from './engine-fixture.ts'

/** An agent of its own for tests that kill it at the named point while it writes a file: `SOCKET FOLDER POINT VOLUME`. */
const [, , socketPath = '', dataDir = '', point = '', volume = ''] = process.argv
const opened = await openEngine(socketPath, { dataDir, failurePoint: createFailurePoint(point) })

async function* body(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('half'))
  if (point === 'half') process.kill(process.pid, 'SIGKILL')
}

await opened.client.volumeFiles.write({ id: volume, path: 'folder/upload' }, body(), { scope: systemScope })
await opened.engine.close()
