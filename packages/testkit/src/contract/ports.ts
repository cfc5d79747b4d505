import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect } from 'vitest'
import { codeOf, eventually, type Kit, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

/** A web server with a page of its own. */
const server = (page: string, port = 8080) => `echo ${page} > /tmp/index.html; exec httpd -f -p ${port} -h /tmp`

async function page(kit: Kit, port: number): Promise<string> {
  const connection = await kit.host.connect(port)
  try {
    connection.write('GET / HTTP/1.0\r\n\r\n')
    let answer = ''
    for await (const chunk of connection) answer += String(chunk)
    return answer.split('\r\n\r\n')[1]?.trim() ?? ''
  } finally {
    connection.destroy()
  }
}

/** What a connection to the port is answered, once the server listens. */
function answers(kit: Kit, port: number, wanted: string): Promise<void> {
  const ask = () => page(kit, port).catch((error: unknown) => String(error))
  return eventually(async () => expect(await ask()).toBe(wanted))
}

/**
 * A port that nobody has on this machine just now. Below those that the kernel hands out (from 32768 on): one of them could
 * be any connection's before the engine has taken it.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const port = randomInt(20_000, 30_000)
    const socket = createServer().listen(port)
    const isFree = await once(socket, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    await new Promise((resolve) => socket.close(resolve))
    return port
  }
  throw new Error('There is no free port.')
}

const needs = ['containers.create.ports']

/** Published ports, answered by real connections. */
export const ports: Topic = (test) => {
  test('publishes a port by its number, and one of its own choice', needs, async (kit) => {
    const hostPort = await freePort()
    const named = await kit.start(server('named'), { ports: [{ containerPort: 8080, hostPort }] })
    expect(named.ports).toMatchObject([{ containerPort: 8080, hostPort, protocol: 'tcp' }])
    const random = await kit.start(server('random'), { ports: [{ containerPort: 8080 }, { containerPort: 8080 }] })
    const [chosen = 0, second = 0] = random.ports.map((port) => port.hostPort)
    expect(new Set([0, hostPort, chosen, second]).size).toBe(4)
    await answers(kit, hostPort, 'named')
    for (const port of [chosen, second]) await answers(kit, port, 'random')
    expect((await kit.inspect(random.id)).ports[0]?.hostPort).toBe(chosen)
    await kit.engine.containers.stop({ id: named.id, timeoutSeconds: 0 }, scope)
    await expect(page(kit, hostPort)).rejects.toThrow()
  })

  test('refuses a port that is taken, and starts once it is free', needs, async (kit) => {
    const published = [{ containerPort: 8080, hostPort: await freePort() }]
    const first = await kit.start(server('first'), { ports: published })
    expect(await codeOf(kit.create(server('twice'), { ports: [...published, ...published] }))).toBe('CONFLICT')
    const second = await kit.create(server('second'), { ports: published })
    expect(await codeOf(kit.engine.containers.start({ id: second.id }, scope))).toBe('CONFLICT')
    expect((await kit.inspect(second.id)).state).toBe('created')
    await kit.engine.containers.remove({ id: first.id, force: true }, scope)
    await kit.engine.containers.start({ id: second.id }, scope)
    await answers(kit, published[0]?.hostPort ?? 0, 'second')
  })

  test('publishes what the image exposes', [...needs, 'images.inspect'], async (kit) => {
    const { exposedPorts } = await kit.engine.images.inspect({ id: kit.subject.image }, scope)
    const port = Number.parseInt(exposedPorts[0] ?? '', 10)
    const container = await kit.start(server('exposed', port), { publishAllPorts: true })
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual([port])
    await answers(kit, container.ports[0]?.hostPort ?? 0, 'exposed')
  })

  test('publishes a UDP port, and answers through it', [...needs, 'containers.create.mounts.bind'], async (kit) => {
    const [hostPort, word] = [await freePort(), randomBytes(8).toString('hex')]
    const published = { containerPort: 9000, hostPort, protocol: 'udp' as const }
    const named = await kit.start('', { ...kit.host.echo(9000), ports: [published] })
    expect(named.ports).toMatchObject([published])
    const ask = (port: number) => kit.host.exchange(port, word).catch((error: unknown) => String(error))
    await eventually(async () => expect(await ask(hostPort)).toBe(word))
    const random = await kit.start('', {
      ...kit.host.echo(9000),
      ports: [{ containerPort: 9000, protocol: 'udp' }],
    })
    const chosen = random.ports[0]?.hostPort ?? 0
    expect(chosen).not.toBe(hostPort)
    await eventually(async () => expect(await ask(chosen)).toBe(word))
    const second = await kit.create(sleeper, { ports: [published] })
    expect(await codeOf(kit.engine.containers.start({ id: second.id }, scope))).toBe('CONFLICT')
    // TCP has port numbers of its own.
    const other = await kit.start(server('beside'), { ports: [{ containerPort: 8080, hostPort }] })
    expect(other.ports).toMatchObject([{ hostPort, protocol: 'tcp' }])
    await answers(kit, hostPort, 'beside')
    await eventually(async () => expect(await ask(hostPort)).toBe(word))
  })

  const changing = [...needs, 'containers.publish', 'containers.unpublish']
  test('publishes ports of a running container, and takes them back', changing, async (kit) => {
    const { containers } = kit.engine
    const { id, startedAt } = await kit.start(server('later'))
    const port = { containerPort: 8080, hostPort: await freePort(), protocol: 'tcp' as const }
    for (const _ of ['first', 'again']) {
      const { container } = await containers.publish({ id, ports: [port] }, scope)
      expect(container).toMatchObject({ ports: [port], startedAt })
    }
    await answers(kit, port.hostPort, 'later')
    const random = (await containers.publish({ id, ports: [{ containerPort: 8080 }] }, scope)).container.ports
    expect(random).toHaveLength(1) // it is published already, under whatever number
    const other = await kit.start(server('other'))
    const refused = await containers.publish({ id: other.id, ports: [port] }, scope).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'CONFLICT' })
    expect(kit.isNamed(await kit.inspect(id), refused)).toBe(true)
    expect((await kit.inspect(other.id)).ports).toEqual([])
    await containers.restart({ id, timeoutSeconds: 0 }, scope)
    await answers(kit, port.hostPort, 'later')
    for (const _ of ['first', 'again']) {
      expect((await containers.unpublish({ id, ports: [port] }, scope)).container.ports).toEqual([])
    }
    await expect(page(kit, port.hostPort)).rejects.toThrow()
    await containers.publish({ id: other.id, ports: [port] }, scope)
    await answers(kit, port.hostPort, 'other')
  })
}
