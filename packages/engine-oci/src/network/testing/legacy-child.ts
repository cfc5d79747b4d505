import { setTimeout as sleep } from 'node:timers/promises'
import { runOk } from '@flotilla/host'
import { Boxes } from './boxes.ts'

/** Flushes a rule of a container's, looks once more, and prints what it found each time. */
const boxes = await Boxes.open()
try {
  await boxes.start('one', [], [{ containerPort: 80 }])
  for (let tries = 0; tries < 50 && (await boxes.networks.tend()); tries += 1) await sleep(100)
  await sleep(1500) // until what was said of the links has been heard
  await boxes.networks.tend()
  const chain = `FLOTILLA-${boxes.instance}-DN`
  const rules = async () => (await runOk(['iptables', '-t', 'nat', '-S', chain])).stdout.toString()
  const before = await rules()
  const untouched = await boxes.networks.tend()
  await runOk(['iptables', '-t', 'nat', '-F', chain])
  const flushed = await boxes.networks.tend()
  const isSame = before.includes('-j DNAT') && (await rules()) === before
  process.stdout.write(JSON.stringify({ untouched, flushed, isSame }))
} finally {
  await boxes.close()
}
