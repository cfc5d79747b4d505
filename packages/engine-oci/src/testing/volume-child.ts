import { createFailurePoint } from '@flotilla/engine'
import { volumeClient } from './volume-fixture.ts'
import { openEngine, type Place } from './open-engine.ts'

/** An agent of its own for tests that kill it at the named point: it does each change of a volume once: `PLACE POINT IMAGE`. */
const [, , placeText = '', point = '', image = ''] = process.argv
const opened = await openEngine(JSON.parse(placeText) as Place, { failurePoint: createFailurePoint(point), spares: 0 })
const volumes = volumeClient(opened)
const { containers } = opened.client

async function* body(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('uploaded'))
}

const mounts = [
  { type: 'volume' as const, source: 'kept', target: '/seeded' },
  { type: 'volume' as const, source: 'kept', target: '/part', subPath: 'file' },
]
const { container } = await containers.create({
  ...{ name: 'doomed', image, network: 'none', mounts, command: ['/bin/sh', '-c', 'sleep 1000'] },
})
await containers.start({ id: container.id })
await volumes.write({ id: 'kept', path: 'upload' }, body())
const copy = await volumes.clone({ id: 'kept', name: 'copy' })
await volumes.rename(copy.id, 'renamed')
await containers.remove({ id: container.id, force: true, volumes: true })
await volumes.prune([copy.id])
await opened.close()
