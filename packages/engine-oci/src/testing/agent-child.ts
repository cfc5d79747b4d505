import { setTimeout as sleep } from 'node:timers/promises'
import { createFailurePoint } from '@flotilla/engine'
import { openEngine, type Place, testImage } from './open-engine.ts'

/**
 * An agent of its own for tests that kill it: `PLACE POINT WHAT`. `life` takes one container from create to remove and dies at
 * the named point; `serve` opens the engine, says so and stays until it is killed.
 */
const [, , placeText = '', point = '', what = ''] = process.argv
const place = JSON.parse(placeText) as Place
const opened = await openEngine(place, {
  failurePoint: createFailurePoint(point),
  logLimits: { maxBytes: 64 * 1024, maxFiles: what === 'serve' ? 1000 : 3 },
})
const { containers, exec } = opened.client
const { networks } = opened

if (what === 'serve') {
  process.stdout.write('ready\n')
  setInterval(() => {}, 60_000)
} else {
  const word = point.startsWith('logs.') ? 'while :; do seq 1 200; sleep 0.01; done' : 'while :; do sleep 0.1; done'
  const { container } = await containers.create(
    {
      name: 'doomed',
      image: testImage,
      command: ['/bin/sh', '-c', `trap "exit 3" TERM; ${word}`],
      ports: [{ containerPort: 80 }],
    },
    { operationId: 'doomed-operation' },
  )
  const { id } = container
  await containers.start({ id })
  await networks.create({ name: 'doomed' }, { operationId: 'doomed-network' })
  await networks.connect({ id: 'doomed', container: id, aliases: ['alias'] })
  await networks.publish({ id, ports: [{ containerPort: 81 }] })
  await networks.unpublish({ id, ports: [{ containerPort: 81 }] })
  await networks.disconnect({ id: 'doomed', container: id })
  await networks.remove({ id: 'doomed' })
  const session = await exec.create({ id, command: ['/bin/sh'], tty: true })
  if (point.startsWith('logs.')) await sleep(10_000)
  await exec.remove({ session: session.id })
  await exec.create({ id, command: ['/bin/sh'], tty: true })
  await containers.stop({ id, timeoutSeconds: 5 })
  await containers.remove({ id })
  await opened.close()
}
