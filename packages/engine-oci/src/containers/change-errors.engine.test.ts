import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLine } from '../network/lasting-program.ts'
import { fetchFromHost } from '../network/testing/boxes.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

/** Points in the order in which each change passes them. */
const points = {
  publish: ['network.publish.held', 'network.publish.leased', 'network.publish.ruled'],
  unpublish: ['network.publish.held', 'network.publish.leased', 'network.publish.ruled'],
  connect: ['network.connect.leased', 'network.attached', 'network.connect.linked'],
  disconnect: ['network.disconnect.unlinked', 'network.disconnect.leased'],
}
type Change = keyof typeof points
const changes = Object.keys(points) as Change[]
const allErrors = changes.flatMap((change) =>
  ['containers.network.state', ...points[change], 'containers.network.changed'].map(
    (point) => [change, point] as const,
  ),
)
/** Where most is to be taken back, and for one change before and after all of it; the rest is for the long run. */
const some = [
  ...['publish network.publish.ruled', 'unpublish network.publish.leased', 'connect containers.network.state'],
  ...['connect network.connect.linked', 'connect containers.network.changed', 'disconnect network.disconnect.leased'],
]
const isLong = process.env['FLOTILLA_LONG'] === '1'
const errors = isLong ? allErrors : allErrors.filter((error) => some.includes(error.join(' ')))
const newPort = 20_000 + (process.pid % 10_000)
let place: Place
let on: Opened
let container = ''
let hostPort = 0
/** Where the engine throws, once. */
let failing = ''

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place, {
    spares: 0,
    failurePoint: (name) => {
      if (name !== failing) return
      failing = ''
      throw new Error(`an error at ${name}`)
    },
  })
  for (const name of ['joined', 'other']) await on.networks.create({ name, ipv6: true })
  const serve = `trap 'exit 0' TERM; mkdir -p /w; echo web >/w/index.html; httpd -f -p 80 -h /w & wait`
  const spec = { name: 'web', image: testImage, command: ['/bin/sh', '-c', serve], stopTimeoutSeconds: 1 }
  const networks = [{ network: 'bridge' }, { network: 'joined', aliases: ['www'] }]
  const made = await on.client.containers.create({ ...spec, networks, ports: [{ containerPort: 80 }] })
  container = made.container.id
  await on.client.containers.start({ id: container })
  hostPort = (await on.client.containers.inspect({ id: container })).container.ports[0]?.hostPort ?? 0
})
afterAll(async () => {
  await removeAll(on)
  const { networks } = await on.networks.prunePreview({})
  await on.networks.prune({ ids: networks.map(({ id }) => id) })
  await on.close()
  await place.remove()
})

const make: Record<Change, () => Promise<unknown>> = {
  publish: () => on.networks.publish({ id: container, ports: [{ containerPort: 80, hostPort: newPort }] }),
  unpublish: () => on.networks.unpublish({ id: container, ports: [{ containerPort: 80, hostPort }] }),
  connect: () => on.networks.connect({ id: 'other', container, aliases: ['www'] }),
  disconnect: () => on.networks.disconnect({ id: 'joined', container }),
}
/**
 * Lets the programs that write rules fail for this instance alone, as they do while another program holds their lock: always, or the
 * next time of each.
 */
async function breakRules() {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-rules-'))
  const sbin = '/usr/local/sbin'
  await cp(sbin, folder, { recursive: true })
  for (const program of ['iptables-restore', 'ip6tables-restore']) {
    const script = `#!/bin/sh
text=$(cat)
mark=${folder}/failing
case "$text" in *FLOTILLA-${place.instance}*)
  if [ -e $mark ] || rm $mark.${program} 2>/dev/null; then
    echo 'Another app is currently holding the xtables lock.' >&2
    exit 4
  fi
esac
printf '%s\\n' "$text" | /usr/sbin/${program} "$@"
`
    await writeFile(join(folder, program), script)
    await chmod(join(folder, program), 0o755)
  }
  const mark = join(folder, 'failing')
  const fail = async (often: 'once' | 'always') => {
    const marks = often === 'always' ? [mark] : [`${mark}.iptables-restore`, `${mark}.ip6tables-restore`]
    for (const path of marks) await writeFile(path, '')
  }
  await fail('always')
  await runOk(['mount', '--bind', folder, sbin])
  return {
    fail,
    mend: () => rm(mark, { force: true }),
    async end() {
      await runOk(['umount', '--lazy', sbin]) // one of them may be running just then
      await rm(folder, { recursive: true })
    },
  }
}

const lines = (text: Buffer) => text.toString().split('\n')
/** Bridges of other programs, which a rule names each, come and go meanwhile. */
const isOwnRule = (line: string) => line.startsWith('-A') && line.includes(place.instance) && !/-OT -o /.test(line)
const row = () => on.client.containers.inspect({ id: container })

/** All that the changes are about: the row, the record and the lease, who answers, the kernel's rules, links, names and files. */
async function stateNow() {
  const { container: listed, networks, pid } = await row()
  const inside = (...argv: string[]) => runOk(['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-o', ...argv])
  const read = (...path: string[]) => readFile(join(...path), 'utf8')
  const programs = ['iptables-save', 'ip6tables-save']
  const saved = await Promise.all(programs.map(async (program) => lines((await runOk([program])).stdout)))
  const { resolved, spec, run } = JSON.parse(await read(place.dataDir, 'containers', container, 'container.json')) as {
    [key: string]: { [key: string]: unknown }
  }
  const links = lines((await inside('addr', 'show', 'scope', 'global')).stdout)
  const routes = lines((await inside('route')).stdout)
  const names = connect(join(place.runDir, 'network/names'))
  names.write('look\n')
  return {
    ...{ listed, networks, spec, ports: resolved?.['ports'], run },
    // A link that was made anew has another number.
    leases: JSON.parse(await read(place.dataDir, 'network', 'network.json'), (name, value: unknown) =>
      name === 'hostLink' ? undefined : value,
    ) as unknown,
    answers: await Promise.all([hostPort, newPort].map((port) => fetchFromHost('127.0.0.1', port))),
    held: lines((await runOk(['ss', '-Hltnu'])).stdout).filter((line) =>
      [hostPort, newPort].some((port) => line.includes(`:${port} `)),
    ).length,
    rules: saved.map((all) => all.filter(isOwnRule).sort()),
    links: links.map((line) => line.split(/\s+/).slice(1, 4).join(' ')).sort(),
    routes: routes.map((line) => line.trim()).sort(),
    names: await readLine(names).finally(() => names.destroy()),
    // A file that became shorter ends in empty lines: it is written over in its place.
    files: (await Promise.all(['hosts', 'resolv.conf'].map((name) => read(`/proc/${pid}/root/etc`, name)))).map(
      (text) => text.trimEnd(),
    ),
  }
}

describe('a change of the networks or ports of a running container', () => {
  it.each(errors)('that fails (%s, at %s) leaves all as it was', async (change, point) => {
    const before = await stateNow()
    expect(before.answers).toEqual(['web', 'ECONNREFUSED'])
    failing = point
    await expect(make[change]()).rejects.toThrow()
    expect(failing).toBe('') // it came there
    expect(await stateNow()).toEqual(before)
  })

  it('that fails as long as no rule can be written is taken back soon after, and is told of until then', async () => {
    const before = await stateNow()
    const reason = async () => (await row()).container.stateReason
    const rules = await breakRules()
    try {
      await expect(make.publish()).rejects.toThrow()
      expect(await reason()).toContain(`TCP port ${newPort}`)
      await expect(make.unpublish()).rejects.toThrow()
      expect((await row()).container.ports).toEqual(before.listed.ports)
      await rules.mend()
      await expect.poll(reason, { timeout: 20_000, interval: 200 }).toBeUndefined()
      expect(await stateNow()).toEqual(before)
      await rules.fail('once')
      await expect(make.unpublish()).rejects.toThrow()
      expect(await stateNow()).toEqual(before)
      await rules.fail('always')
      await expect(make.disconnect()).rejects.toThrow()
      expect(await reason()).toMatch(/could not be taken back yet/)
    } finally {
      await rules.end()
    }
    await expect.poll(reason, { timeout: 20_000, interval: 200 }).toBeUndefined()
    expect(await stateNow()).toEqual(before)
  })

  it.each(changes)('is made after all those errors (%s)', async (change) => {
    await make[change]()
    const { container: listed, networks } = await row()
    const names = networks?.map(({ name }) => name).sort()
    const ports = listed.ports.map((port) => port.hostPort)
    if (change === 'publish') expect(ports).toEqual([hostPort, newPort])
    if (change === 'unpublish') expect(ports).toEqual([newPort])
    if (change === 'connect') expect(names).toEqual(['bridge', 'joined', 'other'])
    if (change === 'disconnect') expect(names).toEqual(['bridge', 'other'])
  })
})
