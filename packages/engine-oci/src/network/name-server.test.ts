import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@flotilla/host'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NameServer } from './name-server.ts'
import { nameServerBoot, nameServerScript } from './name-server-script.ts'
import { answerTo, type Answer, askTcp, askUdp, question, readAnswer, type RecordType } from './testing/dns-message.ts'
import { Upstream } from './testing/upstream.ts'

const port = 20_000 + (process.pid % 10_000)
/** Loopback addresses stand for gateways and containers. */
const open = { address: '127.77.1.1', port }
const closed = { address: '127.77.2.1', port }
const [web, client, both, inner, host] = ['127.77.1.2', '127.77.1.3', '127.77.1.4', '127.77.2.2', '127.77.9.9']
const servers = ['127.77.3.1', '127.77.3.2']
const many = Array.from({ length: 60 }, (_, at) => `place 10.9.8.${at + 1} many${at} crowd`)
const table = [
  `network open 0 ${open.address}`,
  `place ${web} 1 web shop`,
  'place fd77::2 1 web shop',
  `place ${client} 2 client`,
  `place ${both} 3 both`,
  ...many,
  `network closed 1 ${closed.address}`,
  'place 127.77.2.4 3 both',
  `place ${inner} 4 inner`,
]
const textOf = (lines: string[]) => lines.map((line) => `${line}\n`).join('')

let folder = ''
let resolvConf = ''
let server: NameServer
let upstreams: Upstream[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-names-'))
  resolvConf = join(folder, 'resolv.conf')
  await run(['chmod', '755', folder]) // the server is a plain user
  upstreams = await Promise.all(servers.map((address) => Upstream.open(address, port)))
  server = new NameServer({ path: join(folder, 'names'), port, resolvConf, answerMs: 2000 })
})
afterAll(async () => {
  await server.end()
  for (const upstream of upstreams) upstream.close()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  follow(...servers)
  for (const upstream of upstreams) {
    upstream.asked.length = 0
    upstream.respond = (asked, send) => send(answerTo(asked, { address: Upstream.answer }))
  }
  expect(await server.serve(textOf(table))).toEqual([])
})

const follow = (...names: string[]) => writeFileSync(resolvConf, names.map((name) => `nameserver ${name}\n`).join(''))
const first = () => upstreams[0] as Upstream
const second = () => upstreams[1] as Upstream
const silent = () => undefined
const ask = (from: string | undefined, name: string, type: RecordType = 'A', to = open) =>
  askUdp(from ?? '', to, question(name, type))
const found = async (asking: Promise<Answer | null>) => {
  const answer = await asking
  return answer === null ? 'silence' : answer.code === 0 ? answer.records.join() : answer.code
}
/** Of the servers that run, those in their last seconds too. */
const pids = () =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name)[4] === join(folder, 'names'))
function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // it has ended
  }
}

it('is Perl without a fault or a warning', async () => {
  for (const script of [nameServerBoot, nameServerScript]) {
    const { exitCode, stderr } = await run(['perl', '-wc', '-e', script])
    expect([exitCode, stderr]).toEqual([0, '-e syntax OK\n'])
  }
})

describe('names of containers', () => {
  it('are answered within a network, in any case of letters, and not across', async () => {
    expect(await found(ask(client, 'web'))).toBe(web)
    expect(await found(ask(client, 'SHOP'))).toBe(web)
    expect(await found(ask(client, 'web', 'AAAA'))).toBe('fd770000000000000000000000000002')
    expect(await found(ask(web, 'client', 'AAAA'))).toBe('')
    expect(await found(ask(web, 'client', 'TXT'))).toBe('')
    expect(await found(ask(inner, 'inner', 'A', closed))).toBe(inner)
    expect(await found(ask(client, 'inner'))).toBe(Upstream.answer)
    expect(await found(ask(inner, 'web', 'A', closed))).toBe(3)
    // Who is on both finds those of both by either.
    expect(await found(ask(both, 'inner'))).toBe(inner)
    expect(await found(ask(both, 'both'))).toBe(`${both},127.77.2.4`)
  })

  it('are told for an address, in both families', async () => {
    const backwards = (address: string) => `${address.split('.').reverse().join('.')}.in-addr.arpa`
    expect(await found(ask(client, backwards(web), 'PTR'))).toBe('web')
    const six = `${'2.0.0.0.'.padEnd(56, '0.')}7.7.d.f.ip6.arpa`
    expect(await found(ask(client, six, 'PTR'))).toBe('web')
    expect(await found(ask(inner, backwards(web), 'PTR', closed))).toBe(3)
    expect(first().asked).toEqual([])
  })

  it('are answered over TCP, several on one connection, and what is too long for a datagram says so', async () => {
    const [one, two, three] = await askTcp(
      client,
      open,
      ['web', 'elsewhere.test', 'crowd'].map((name) => question(name)),
    )
    expect([one?.records, two?.records, three?.records.length]).toEqual([[web], [Upstream.answer], 60])
    const short = await ask(client, 'crowd')
    expect([short?.truncated, short?.records, (short?.bytes.length ?? 999) <= 512]).toEqual([true, [], true])
    const larger = await askUdp(client, open, question('crowd', 'A', { size: 4096 }))
    expect([larger?.truncated, larger?.records.length]).toEqual([false, 60])
  })

  it('of one network are told to the host, and nothing is asked elsewhere for it or a stranger', async () => {
    expect(await found(ask(host, 'web'))).toBe(web)
    expect(await found(ask(host, 'elsewhere.test'))).toBe(5)
    expect(await found(ask(host, 'elsewhere.test', 'A', closed))).toBe(3)
    expect(first().asked).toEqual([])
  })

  it('and all else end at once on an internal network', async () => {
    expect(await found(ask(inner, 'elsewhere.test', 'A', closed))).toBe(3)
    expect(await found(ask(both, 'elsewhere.test', 'A', closed))).toBe(3)
    expect(await found(ask(inner, 'single', 'TXT', closed))).toBe(3)
    expect(upstreams.flatMap(({ asked }) => asked)).toEqual([])
  })
})

describe('names of elsewhere', () => {
  it('are asked of the host’s servers, by numbers and ports that nobody guesses, TCP over TCP', async () => {
    for (let round = 0; round < 8; round += 1) await ask(client, 'elsewhere.test')
    await askTcp(client, open, [question('elsewhere.test')])
    const { asked } = first()
    expect(asked.map(({ protocol }) => protocol)).toEqual([...Array.from({ length: 8 }, () => 'udp'), 'tcp'])
    expect(new Set(asked.map(({ id }) => id)).size).toBeGreaterThan(6)
    expect(new Set(asked.map((each) => each.port)).size).toBeGreaterThan(6)
    expect(new Set(asked.slice(1).map(({ id }, at) => id - (asked[at]?.id ?? 0))).size).toBeGreaterThan(4)
  })

  it('come of the next server where one is not there, fails, refuses or is silent', async () => {
    follow('127.77.3.9', servers[1] ?? '')
    await expect.poll(() => found(ask(client, 'first.test')), { timeout: 8000 }).toBe(Upstream.answer)
    follow(...servers)
    for (const code of [2, 4, 5]) {
      first().respond = (asked, send) => send(answerTo(asked, { code }))
      await expect.poll(() => found(ask(client, `code${code}.test`)), { timeout: 8000 }).toBe(Upstream.answer)
      expect((await askTcp(client, open, [question('tcp.test')]))[0]?.records).toEqual([Upstream.answer])
    }
    first().respond = silent
    expect(await found(ask(client, 'silent.test'))).toBe(Upstream.answer)
    // Who was silent is asked last for a while.
    const begun = performance.now()
    expect(await found(ask(client, 'again.test'))).toBe(Upstream.answer)
    expect(performance.now() - begun).toBeLessThan(1000)
    for (const upstream of upstreams) upstream.respond = (asked, send) => send(answerTo(asked, { code: 2 }))
    expect(await found(ask(client, 'broken.test'))).toBe(2)
  }, 40_000)

  it('are passed on as they came: truncated, not there, empty', async () => {
    follow(servers[0] ?? '')
    const answers = { 'cut.test': { truncated: true }, 'gone.test': { code: 3 }, 'none.test': {} }
    first().respond = (asked, send) => {
      const [, answer] =
        Object.entries(answers).find(([name]) => asked.toString('latin1').includes(name.slice(0, 3))) ?? []
      send(answerTo(asked, answer))
    }
    for (const [name, answer] of Object.entries(answers)) {
      const { bytes: _, ...rest } = (await ask(client, name)) ?? { bytes: null }
      expect(rest).toEqual({ id: 4711, code: 0, truncated: false, records: [], ...answer })
    }
  })

  it('are believed of the server that was asked, for the question that was asked', async () => {
    follow(servers[0] ?? '')
    const forger = createSocket('udp4').bind(0, servers[1])
    await once(forger, 'listening')
    first().respond = (asked, send) => {
      const { port: asking } = first().asked.at(-1) ?? { port: 0 }
      forger.send(answerTo(asked, { address: '192.0.2.66' }), asking, '127.0.0.1')
      const wrongId = Buffer.from(asked)
      wrongId.writeUInt16BE((asked.readUInt16BE(0) + 1) & 0xffff, 0)
      const wrongName = question('other.test', 'A', { id: asked.readUInt16BE(0) })
      for (const wrong of [wrongId, wrongName]) send(answerTo(wrong, { address: '192.0.2.66' }))
      send(asked) // no answer at all
      setTimeout(() => send(answerTo(asked, { address: Upstream.answer })), 200)
    }
    expect(await found(ask(client, 'believed.test'))).toBe(Upstream.answer)
    forger.close()
  })

  it('follow the host’s resolv.conf', async () => {
    await ask(client, 'one.test')
    follow(servers[1] ?? '')
    await expect
      .poll(async () => (await ask(client, 'two.test'), second().names()), { timeout: 5000 })
      .toContain('two.test')
    follow()
    await expect.poll(() => found(ask(client, 'three.test')), { timeout: 5000 }).toBe(2)
    rmSync(resolvConf)
    expect(await found(ask(client, 'web'))).toBe(web)
  })

  it('keep nobody from asking whom another’s questions wait for', async () => {
    first().respond = second().respond = (asked, send) => {
      if (!asked.includes('flood')) send(answerTo(asked, { address: Upstream.answer }))
    }
    const flood = createSocket('udp4').bind(0, web)
    await once(flood, 'listening')
    let refused = 0
    flood.on('message', (bytes) => (refused += (bytes[3] ?? 0) & 15 ? 1 : 0))
    for (let at = 0; at < 1500; at += 1) {
      flood.send(question(`flood${at}.test`), port, open.address)
      if (at % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await expect.poll(() => refused, { timeout: 5000 }).toBeGreaterThan(500)
    expect(await found(ask(client, 'quick.test'))).toBe(Upstream.answer)
    expect(await found(ask(client, 'web'))).toBe(web)
    flood.close()
    await expect.poll(() => found(ask(web, 'after.test')), { timeout: 10_000 }).toBe(Upstream.answer)
  }, 30_000)
})

describe('while things change', () => {
  /** Asks without a pause until the work is done; gives what was not answered at once. */
  async function during(work: () => Promise<unknown>): Promise<{ asked: number; wrong: unknown[] }> {
    let done = false
    let asked = 0
    const wrong: unknown[] = []
    const askers = [client, both].map(async (from) => {
      while (!done) {
        for (const [name, right] of [
          ['web', web],
          ['elsewhere.test', Upstream.answer],
        ] as const) {
          const begun = performance.now()
          const answer = await found(askUdp(from ?? '', open, question(name), 4000))
          const took = performance.now() - begun
          if (answer !== right || took > 2500) wrong.push([name, answer, took])
          asked += 1
        }
        const [answer] = await askTcp(from ?? '', open, [question('web')])
        if (answer?.records[0] !== web) wrong.push(answer)
      }
    })
    await work()
    done = true
    await Promise.all(askers)
    return { asked, wrong }
  }

  it('no lookup fails: networks and containers come and go', async () => {
    const { asked, wrong } = await during(async () => {
      for (let at = 0; at < 60; at += 1) {
        const more = [
          'network other 0 127.77.4.1',
          ...Array.from({ length: at * 10 }, (_, n) => `place 10.7.${at}.${n % 250} x${n} n${n}`),
        ]
        expect(await server.serve(textOf([...table, ...(at % 2 === 0 ? more : [])]))).toEqual([])
      }
    })
    expect(wrong).toEqual([])
    expect(asked).toBeGreaterThan(20)
  })

  it('no lookup fails: another version takes over, also one that waits for its answer', async () => {
    const other = new NameServer({
      path: join(folder, 'names'),
      port,
      resolvConf,
      program: `${nameServerScript}\n# another`,
    })
    for (const upstream of upstreams) {
      upstream.respond = (asked, send) => {
        setTimeout(() => send(answerTo(asked, { address: Upstream.answer })), asked.includes('slow') ? 1200 : 0)
      }
    }
    const before = pids()
    const slow = found(ask(client, 'slow.test'))
    await expect.poll(() => upstreams.flatMap((each) => each.names())).toContain('slow.test')
    const { wrong } = await during(async () => {
      for (const each of [other, server, other, server]) {
        expect(await each.isServing(textOf(table))).toBe(false)
        expect(await each.serve(textOf(table))).toEqual([])
        expect(await each.isServing(textOf(table))).toBe(true)
      }
    })
    expect(wrong).toEqual([])
    expect(await slow).toBe(Upstream.answer)
    await expect.poll(() => pids().length, { timeout: 20_000 }).toBe(1)
    expect(pids()).not.toEqual(before)
  }, 40_000)

  it('one that is no program does not take over, and the old one goes on', async () => {
    const broken = new NameServer({ path: join(folder, 'names'), port, resolvConf, program: 'die "broken"' })
    const before = pids()
    await expect(broken.serve(textOf(table))).rejects.toMatchObject({ kind: 'network.noNameServer' })
    await server.serve(textOf(table))
    expect(await found(ask(client, 'web'))).toBe(web)
    expect(before).toHaveLength(1)
  }, 40_000)

  it('hundreds of lookups at once are all answered, own and others, though the server had no processor just then', async () => {
    const names = Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? 'web' : `many${at}.test`))
    for (const pid of pids()) process.kill(Number(pid), 'SIGSTOP')
    const askers = Array.from({ length: 8 }, async (_, at) => {
      const socket = createSocket('udp4').bind(0, at % 2 === 0 ? client : both)
      await once(socket, 'listening')
      const right = new Set<number>()
      socket.on('message', (bytes) => {
        const { id, records } = readAnswer(bytes)
        if (records.join() === (id % 2 === 0 ? web : Upstream.answer)) right.add(id)
      })
      const sent = names.map(
        (name, id) => new Promise((resolve) => socket.send(question(name, 'A', { id }), port, open.address, resolve)),
      )
      return { sent: Promise.all(sent), socket, right }
    })
    for (const { sent } of await Promise.all(askers)) await sent
    for (const pid of pids()) process.kill(Number(pid), 'SIGCONT')
    for (const { socket, right } of await Promise.all(askers)) {
      await expect.poll(() => right.size, { timeout: 10_000 }).toBe(names.length)
      socket.close()
    }
  })

  it('one that was killed is found so, and is back with the next table; one that hangs is replaced', async () => {
    const impatient = new NameServer({ path: join(folder, 'names'), port, resolvConf, answerMs: 300 })
    const steps = [
      { signal: 'SIGKILL', each: server, isLookedAt: true },
      { signal: 'SIGSTOP', each: impatient, isLookedAt: true },
      { signal: 'SIGSTOP', each: impatient, isLookedAt: false },
    ] as const
    for (const { signal, each, isLookedAt } of steps) {
      for (const pid of pids()) process.kill(Number(pid), signal)
      if (isLookedAt) expect(await each.isServing(textOf(table))).toBe(false)
      expect(await each.serve(textOf(table))).toEqual([])
      expect(await found(ask(client, 'web'))).toBe(web)
      expect(pids()).toHaveLength(1)
    }
  }, 30_000)

  it('an address that another program has is told, and taken when it is free', async () => {
    const squatter = createSocket('udp4').bind(port, '127.77.5.1')
    await once(squatter, 'listening')
    const more = textOf([...table, 'network more 0 127.77.5.1', 'place 127.77.5.2 9 nine'])
    expect(await server.serve(more)).toEqual(['127.77.5.1,98'])
    expect(await server.isServing(more)).toBe(false)
    expect(await found(ask(client, 'web'))).toBe(web)
    squatter.close()
    await once(squatter, 'close')
    expect(await server.serve(more)).toEqual([])
    expect(await found(ask('127.77.5.2', 'nine', 'A', { address: '127.77.5.1', port }))).toBe('127.77.5.2')
  })
})

describe('what is hostile', () => {
  /** Random bytes, and questions that are nearly right. */
  function hostile(): Buffer {
    const size = Math.floor(Math.random() * 80)
    const noise = Buffer.from(Array.from({ length: size }, () => Math.floor(Math.random() * 256)))
    if (Math.random() < 0.3) return noise
    const message = question(['web', 'a.b.c.test', 'x'.repeat(63), '1.1.77.127.in-addr.arpa'][size % 4] ?? '')
    for (let changes = 1 + (size % 4); changes > 0; changes -= 1) {
      message[Math.floor(Math.random() * message.length)] = Math.floor(Math.random() * 256)
    }
    return Math.random() < 0.5 ? message : Buffer.concat([message.subarray(0, size), noise])
  }

  it('thousands of random datagrams end nothing and take no memory', async () => {
    const residentKb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pids()[0]}/status`, 'utf8'))?.[1])
    const socket = createSocket('udp4').bind(0, client)
    await once(socket, 'listening')
    const before = residentKb()
    for (let at = 0; at < 6000; at += 1) {
      socket.send(hostile(), port, (at % 2 === 0 ? open : closed).address)
      if (at % 200 === 0) expect(await found(ask(both, 'web'))).toBe(web)
    }
    socket.close()
    expect(residentKb() - before).toBeLessThan(8192)
  }, 30_000)

  it('random bytes by TCP end that connection at most', async () => {
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect({ host: open.address, port, localAddress: web })
      socket.on('error', () => {}) // it may end it in the middle
      socket.write(Buffer.concat([Buffer.from([0, Math.floor(Math.random() * 80)]), hostile(), hostile()]))
      return socket
    })
    expect((await askTcp(client, open, [question('web')]))[0]?.records).toEqual([web])
    for (const socket of sockets) socket.destroy()
  })

  it('connections that say nothing leave room for others, and are ended', async () => {
    const sockets = Array.from({ length: 700 }, () => connect({ host: open.address, port, localAddress: web }))
    const ends = Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve) =>
            socket
              .on('error', () => {})
              .on('close', resolve)
              .resume(),
          ),
      ),
    )
    expect((await askTcp(client, open, [question('web')]))[0]?.records).toEqual([web])
    await ends
  }, 30_000)
})
