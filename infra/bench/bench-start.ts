import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk, spawn } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { busyboxRoot } from '@flotilla/images/busybox'
import type { Bench } from './bench.ts'
import { judge } from './figure.ts'
import type { Stage } from './stage.ts'
import { type Contender, inTurn, timed } from './turns.ts'

const ports = [{ containerPort: 80 }]
const sleeps = ['/bin/sleep', '600']
const inARow = 5

export const startBench: Bench = {
  id: 'start',
  title: 'Create and start',
  how: `A cached image (busybox) with one published port on a free host port, one other container running on either side, until the
answer that it runs. Flotilla: two REST calls, create and start, through control plane and agent. Docker: \`docker run -d -p 80\`
from its command line, and the same by two calls of its API. Bare runc: \`runc run -d\` on an unpacked root, with no network, log,
overlay or record. A second's pause between: Flotilla then has a network namespace ready. ${inARow} in a row, without any pause,
take what is ready and make the rest.`,
  async measure(stage) {
    const retained = await stage.run({ command: sleeps })
    const usedByDocker = await stage.docker.cli(['run', '-d', stage.dockerStarter, ...sleeps])
    try {
      const options = { runs: stage.runs, pauseMs: 1000 }
      const runc = await bareRunc(stage)
      const single = await inTurn([flotilla(stage), dockerRun(stage), dockerApi(stage), runc], options)
      const row = await inTurn([several(flotilla(stage)), several(dockerRun(stage))], options)
      const of = (values: Map<string, number[]>, name: string) => ({ name, values: values.get(name) ?? [] })
      return [
        judge({
          what: 'one container',
          unit: 'ms',
          ours: of(single, 'Flotilla').values,
          peers: ['docker run', 'Docker API', 'bare runc'].map((name) => of(single, name)),
          target: { ratioAtMost: 0.5 },
        }),
        judge({
          what: `each of ${inARow} in a row`,
          unit: 'ms',
          ours: of(row, 'Flotilla').values,
          peers: [of(row, 'docker run')],
        }),
      ]
    } finally {
      await stage.remove(retained.id)
      await stage.docker.cli(['rm', '-f', usedByDocker])
    }
  },
}

function flotilla(stage: Stage): Contender {
  const ids: string[] = []
  return {
    name: 'Flotilla',
    measure: () =>
      timed(async () => {
        const { id } = await stage.create({ command: sleeps, ports })
        ids.push(id)
        await stage.ok('POST', `/containers/${id}/start`)
      }),
    async after() {
      for (const id of ids.splice(0)) await stage.remove(id)
    },
  }
}

function dockerRun({ docker, dockerStarter }: Stage): Contender {
  const ids: string[] = []
  return {
    name: 'docker run',
    measure: () =>
      timed(async () => void ids.push(await docker.cli(['run', '-d', '-p', '80', dockerStarter, ...sleeps]))),
    after: async () => void (await docker.cli(['rm', '-f', ...ids.splice(0)])),
  }
}

function dockerApi({ docker, dockerStarter }: Stage): Contender {
  let id = ''
  const spec = {
    Image: dockerStarter,
    Cmd: sleeps,
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } },
  }
  return {
    name: 'Docker API',
    measure: () =>
      timed(async () => {
        id = (await docker.api<{ Id: string }>('POST', '/containers/create', spec)).Id
        await docker.api('POST', `/containers/${id}/start`)
      }),
    after: async () => void (await docker.cli(['rm', '-f', id])),
  }
}

async function bareRunc({ folder }: Stage): Promise<Contender> {
  const bundle = join(folder, 'runc-bundle')
  const runc = ['runc', '--root', join(folder, 'runc-root')]
  await mkdir(join(bundle, 'rootfs'), { recursive: true })
  await busyboxRoot(join(bundle, 'rootfs'))
  await runOk(['runc', 'spec', '--bundle', bundle])
  const path = join(bundle, 'config.json')
  const config = JSON.parse(await readFile(path, 'utf8')) as { process: { terminal: boolean; args: string[] } }
  config.process.terminal = false
  config.process.args = sleeps
  await writeFile(path, JSON.stringify(config))
  return {
    name: 'bare runc',
    measure: (turn) =>
      timed(async () => {
        // With no pipes of ours: a detached container keeps what runc was started with.
        const child = spawn([...runc, 'run', '-d', '--bundle', bundle, `bench-${turn}`], { stdio: 'ignore' })
        const [code] = (await once(child, 'exit')) as [number | null]
        if (code !== 0) throw new FlotillaError('INTERNAL', `runc ended with ${code}.`)
      }),
    after: async (turn) => void (await runOk([...runc, 'delete', '--force', `bench-${turn}`])),
  }
}

/** Several right after each other, and what each took; removed afterwards. */
function several({ name, measure, after }: Contender): Contender {
  return {
    name,
    async measure(turn) {
      let total = 0
      for (let count = 0; count < inARow; count += 1) total += await measure(turn)
      return total / inARow
    },
    ...(after === undefined ? {} : { after }),
  }
}
