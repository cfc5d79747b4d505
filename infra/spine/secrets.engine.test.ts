import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@flotilla/db'
import { hiddenSecret, type FleetContainer, type FleetImage } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedUrl } from '../../apps/control-plane/src/database/embedded.ts'
import { makeTestDaemon, type TestDaemon } from '@flotilla/testkit/docker-daemon'
import { freshLayout } from '@flotilla/images/layout'
import { pushLayout } from '@flotilla/images/push-layout'
import { type RegistryServer, startRegistry } from '@flotilla/testkit/registry-server'
import { webRoot } from '@flotilla/images/starter'
import { freePort } from '@flotilla/testkit/lab/free-port'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { openTab, type Tab, until } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'

const engines = ['oci', 'docker'] as const
type EngineName = (typeof engines)[number]

/** Each a word that stands nowhere else, by the place where it is given. */
const secrets = {
  env: 'swordfish-in-a-variable',
  option: 'swordfish-in-an-option',
  word: 'swordfish-in-a-word',
  script: 'swordfish-in-a-script',
  label: 'swordfish-in-a-label',
  program: 'swordfish-in-a-program',
  session: 'swordfish-in-a-session',
  image: 'swordfish-in-an-image',
}
const anySecret = /swordfish-in-an?-[a-z]+/g

let folder: string
let registry: RegistryServer
let daemon: TestDaemon
let platform: Platform
let fleet: Fleet
let tab: Tab
let hostId: string
let references: Record<EngineName, string>
/** All that anybody was answered. */
const answers: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'))
  const layout = join(folder, 'image')
  await webRoot(join(folder, 'root'), 'A server with a secret in its image')
  const image = await freshLayout(layout)
  await image.addLayer({ folder: join(folder, 'root'), createdBy: `ENV API_TOKEN=${secrets.image} and more` })
  await image.finish({
    Cmd: ['/bin/sh', '-c', 'sleep 600'],
    Env: ['PATH=/bin', `API_TOKEN=${secrets.image}`],
    Labels: { 'build.token': secrets.image },
  })
  registry = await startRegistry({ dir: join(folder, 'registry'), port: await freePort() })
  daemon = await makeTestDaemon()
  references = { oci: `${registry.host}/secret/web:1`, docker: await daemon.publish(layout, 'secret/web:1') }
  await pushLayout(layout, references.oci, AbortSignal.timeout(60_000))
  platform = await startPlatform({ docker: daemon.socketPath, env: { FLOTILLA_LOG_LEVEL: 'debug' } })
  fleet = fleetOf(platform)
  hostId = (await fleet.localHost()).id
  tab = await openTab(platform)
}, 180_000)

afterAll(async () => {
  tab?.close()
  await platform?.close()
  await daemon?.remove()
  await registry?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function ask(method: string, path: string, body?: unknown): Promise<void> {
  const { status, text } = await platform.rest(method, path, body)
  expect([method, path, status, text].slice(0, 3)).toEqual([method, path, 200])
  answers.push(`${method} ${path} ${text}`)
}

const found = (text: string) => [...new Set(text.match(anySecret))]

describe.each(engines)('on %s', (engine) => {
  let container: FleetContainer
  let image: FleetImage

  test('a container and an image with secrets show their names, and a mark for the value', async () => {
    image = await fleet.ok<FleetImage>('POST', `/hosts/${hostId}/images/pull`, {
      reference: references[engine],
      engine,
    })
    const script = `export TOKEN='${secrets.script}'; while :; do sleep 1; done`
    const made = await fleet.create({
      ...{ engine, name: `keeper-${engine}`, image: references[engine], stopTimeoutSeconds: 0 },
      env: { DB_PASSWORD: secrets.env, PLAIN: 'seen' },
      command: ['/bin/sh', '-c', script, 'sh', `--token=${secrets.option}`, '--password', secrets.word],
      labels: { 'secret.key': secrets.label, team: 'shop' },
    })
    answers.push(JSON.stringify(made))
    container = await fleet.change('start', made.id)
    answers.push(JSON.stringify(container))
    expect(container.labels).toMatchObject({ 'secret.key': hiddenSecret, team: 'shop' })
    expect(container.command.slice(-3)).toEqual([`--token=${hiddenSecret}`, '--password', hiddenSecret])
    const { detail } = await fleet.inspect(container.id)
    const env = detail?.['env']
    expect(env).toEqual(
      expect.arrayContaining(['PLAIN=seen', `DB_PASSWORD=${hiddenSecret}`, `API_TOKEN=${hiddenSecret}`]),
    )
  })

  test('what runs in it has the values, also after a restart', async () => {
    for (const time of ['started', 'restarted']) {
      if (time === 'restarted') await fleet.change('restart', container.id)
      const { stdout } = await fleet.exec(
        container.id,
        ['/bin/sh', '-c', 'cat /proc/1/environ /proc/1/cmdline; echo $X_TOKEN'],
        {
          env: { X_TOKEN: secrets.session },
        },
      )
      const { env, option, word, script, session, image: inImage } = secrets
      expect(found(stdout).sort()).toEqual([env, option, word, script, session, inImage].sort())
    }
  })

  test('no answer holds one', async () => {
    const terminal = { command: ['/bin/sh', '-c', 'sleep 600', 'sh', '--token', secrets.session], tty: true }
    await ask('POST', `/containers/${container.id}/exec-sessions`, terminal)
    for (const verb of ['pause', 'unpause', 'restart']) await ask('POST', `/containers/${container.id}/${verb}`)
    const wrong = await fleet.refused('POST', `/hosts/${hostId}/containers`, {
      ...{ engine, image: references[engine], start: true, command: [`/bin/run-token=${secrets.program}`] },
    })
    answers.push(wrong.message)
    for (const path of [`/containers/${container.id}`, `/containers/${container.id}/kernel`, `/images/${image.id}`])
      await ask('GET', path)
    for (const path of [
      '/containers',
      `/containers/${container.id}/exec-sessions`,
      '/operations',
      '/audit',
      '/overview',
      '/images',
      '/hosts',
    ]) {
      await ask('GET', path)
    }
    await until('the restart in the live channel', () => JSON.stringify(tab.fleet).includes(container.id))
    expect(answers.flatMap((answer) => found(answer).map((secret) => `${secret} in ${answer.slice(0, 80)}`))).toEqual(
      [],
    )
    expect(found(JSON.stringify(tab.fleet))).toEqual([])
  })
})

test('neither the database nor a log nor a journal holds one, and what holds one is the engine’s own', async () => {
  const names = engines.map((engine) => `keeper-${engine}`)
  const url = await embeddedUrl(join(platform.dataDir, 'postgres'))
  const db = openDatabase({ url })
  try {
    await until('the rows in the database', async () => {
      const rows = JSON.stringify(await db.fleetObjects.listOf({ hostId }))
      return names.every((name) => rows.includes(name))
    })
    expect(found(JSON.stringify(await db.fleetObjects.listOf({ hostId })))).toEqual([])
  } finally {
    await db.close()
  }
  await platform.stopControlPlane()
  await platform.stopAgent()
  const holders: string[] = []
  for (const root of [platform.dataDir, platform.logDir]) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && found((await readFile(path)).toString('latin1')).length > 0)
        holders.push(path.slice(root.length))
    }
  }
  expect(holders.length).toBeGreaterThan(0)
  expect(holders.filter((path) => !path.startsWith('/agent/oci/'))).toEqual([])
})
