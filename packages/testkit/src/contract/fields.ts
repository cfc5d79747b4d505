import {
  checkFields,
  containerDetail,
  containerRow,
  imageDetail,
  imageRow,
  networkDetail,
  networkRow,
  nodeDetail,
  nodeRow,
  usualCapabilities,
  volumeDetail,
  volumeRow,
} from './field-checks.ts'
import { expect } from 'vitest'
import { type Container, VolumeSize } from '@flotilla/protocol'
import { freeSubnets } from './network-kit.ts'
import { fresh, type Kit, scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

const option = (name: string) => `containers.create.${name}`
const limits = ['memoryLimit', 'cpuLimit', 'pidsLimit'].map(option)
const needs = ['capabilities', 'mounts.volume', 'network.bridge', 'ports', 'restart'].map(option)

/** What a container may do and how it is on networks, which engines have words of their own for. */
const rightsAndWays: Topic = (test) => {
  const rights = [...needs, ...['networks', 'seccomp', 'maskedPaths'].map(option)]
  test('says of rights and of ways onto networks the same on each engine', rights, async (kit) => {
    const network = await kit.network()
    const made = async (spec: object) => {
      const { container } = await kit.engine.containers.create({ image: kit.subject.image, ...spec }, scope)
      const detail = await kit.engine.containers.inspect({ id: kit.keep(container).id }, scope)
      expect(detail.container.network).toBe(container.network)
      const { capabilities, privileged } = detail
      return { network: container.network, capabilities, privileged }
    }
    const usual = { network: 'bridge', capabilities: usualCapabilities, privileged: false }
    expect(await made({})).toEqual(usual)
    expect(await made({ networks: [{ network: network.name }] })).toEqual(usual)
    expect(await made({ networks: [] })).toEqual({ ...usual, network: 'none' })
    expect(await made({ network: 'none', capDrop: ['ALL'] })).toEqual({ ...usual, network: 'none', capabilities: [] })
    const added = { capDrop: ['ALL'], capAdd: ['NET_ADMIN'] }
    expect(await made(added)).toEqual({ ...usual, capabilities: ['CAP_NET_ADMIN'], privileged: true })
    expect(await made({ seccomp: 'unconfined' })).toEqual({ ...usual, privileged: true })
    expect(await made({ maskedPaths: 'none' })).toEqual({ ...usual, privileged: true })
  })
}

/** What every field of rows and details says, of objects that were made to be known. */
export const fields: Topic = (test, own) => {
  rightsAndWays(test, own)

  test('says in each field of a container what it was asked to be and is', [...needs, ...limits], async (kit) => {
    const since = Date.now()
    const volume = await kit.volume()
    const asked = {
      ...{ name: fresh('known'), script: sleeper, image: kit.subject.image, labels: { team: 'web' } },
      memoryBytes: 64 * 1024 * 1024,
    }
    const { id } = await kit.start(sleeper, {
      ...{ name: asked.name, labels: asked.labels, memoryBytes: asked.memoryBytes, cpus: 0.5, pidsLimit: 50 },
      ...{ env: { FOO: 'b a r' }, user: '1234:1234', workingDir: '/tmp', hostname: 'contract', tty: true },
      ...{ readOnlyRoot: true, capDrop: ['CHOWN'], stopSignal: 'USR1', stopTimeoutSeconds: 7 },
      mounts: [{ type: 'volume', source: volume.name, target: '/data', readOnly: true }],
      ports: [{ containerPort: 8080 }],
      restart: { policy: 'on-failure', maximumRetries: 3 },
    })
    const [detail, image] = await Promise.all([
      kit.engine.containers.inspect({ id }, scope),
      kit.engine.images.inspect({ id: asked.image }, scope),
    ])
    const hasNodes = kit.subject.capabilities['nodes.list']?.available === true
    const nodes = hasNodes ? await kit.engine.nodes.list({}, scope) : []
    const world = { since, asked, row: detail.container, detail, image, volume, nodes }
    checkFields(detail.container, containerRow, world)
    checkFields(detail, containerDetail, world)
  })

  test('says in each field of an image what containers of it are given', ['images.inspect'], async (kit) => {
    const reference = kit.subject.image
    const spec = { image: reference, network: 'none' as const }
    const { id } = kit.keep((await kit.engine.containers.create(spec, scope)).container)
    const [detail, plain] = await Promise.all([
      kit.engine.images.inspect({ id: reference }, scope),
      kit.engine.containers.inspect({ id }, scope),
    ])
    const world = { reference, detail, plain }
    checkFields(detail.image, imageRow, world)
    checkFields(detail, imageDetail, world)
  })

  test('says in each field of a volume what it is and who mounts it', [option('mounts.volume')], async (kit) => {
    const [since, name, labels] = [Date.now(), fresh('data'), { team: 'web', empty: '' }]
    const volume = await kit.volume({ name, labels })
    const mounts = [{ type: 'volume' as const, source: name, target: '/data', readOnly: true }]
    const user = await kit.start(sleeper, { mounts })
    const measured = kit.claims('volumes.measure') ? await kit.engine.volumes.measure({ id: volume.id }, scope) : null
    const size = measured === null ? undefined : VolumeSize.parse(measured)
    const world = { since, name, labels, user, size }
    const detail = await kit.engine.volumes.inspect({ id: volume.id }, scope)
    checkFields(detail.volume, volumeRow, world)
    checkFields(detail, volumeDetail, world)
  })

  test('says in each field of a network what it is and who is on it', [option('networks')], async (kit) => {
    const [since, name, labels] = [Date.now(), fresh('net'), { team: 'web', empty: '' }]
    const { v4 } = freeSubnets()
    const network = await kit.network({ name, labels, subnets: [v4], internal: true, mtu: 1380 })
    const user = await kit.start(sleeper, { networks: [{ network: name, aliases: ['shop'] }] })
    const detail = await kit.engine.networks.inspect({ id: network.id }, scope)
    const world = { since, name, labels, user, asked: v4 }
    checkFields(detail.network, networkRow, world)
    checkFields(detail, networkDetail, world)
  })

  test('says in each field of a node what it is, of one that a container is on', ['nodes.inspect'], async (kit) => {
    const user = await kit.start(sleeper)
    const detail = await kit.engine.nodes.inspect({ id: await nodeOf(kit, user) }, scope)
    const world = { detail, user }
    checkFields(detail.node, nodeRow, world)
    checkFields(detail, nodeDetail, world)
  })
}

async function nodeOf(kit: Kit, { node }: Container): Promise<string> {
  const nodes = await kit.engine.nodes.list({}, scope)
  return nodes.find(({ name }) => name === node)?.id ?? ''
}
