import type { FleetImage } from '@flotilla/protocol'
import type { Bench } from './bench.ts'
import { judge } from './figure.ts'
import { inTurn, timed } from './turns.ts'

export const pullBench: Bench = {
  id: 'pull',
  title: 'Cold pull',
  how: `An image of 155 MB packed, eight gzip layers of this system's own programs and libraries, from docker-registry on this machine,
until it can be run. Flotilla by its REST route, Docker by \`docker pull\`. Neither has any of it before; both removed it and the
disk was synced before each turn. The registry's files are in the page cache for both.`,
  async measure(stage) {
    const { docker, runs } = stage
    const names = await stage.largeImage()
    let id = ''
    const values = await inTurn(
      [
        {
          name: 'Flotilla',
          measure: () =>
            timed(async () => {
              const path = `/hosts/${stage.hostId}/images/pull`
              id = (await stage.ok<FleetImage>('POST', path, { reference: names.ours })).id
            }),
          after: async () => void (await stage.ok('DELETE', `/images/${encodeURIComponent(id)}`)),
        },
        {
          name: 'docker pull',
          measure: () => timed(() => docker.cli(['pull', '-q', names.docker])),
          after: async () => void (await docker.cli(['rmi', '-f', names.docker])),
        },
      ],
      { runs, pauseMs: 500, sync: true },
    )
    const of = (name: string) => (values.get(name) ?? []).map((ms) => ms / 1000)
    return [
      judge({
        what: 'pull and unpack',
        unit: 's',
        ours: of('Flotilla'),
        peers: [{ name: 'docker pull', values: of('docker pull') }],
        target: { ratioAtMost: 0.6 },
      }),
    ]
  },
}
