import { ContainerSpec } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { emptyDraft, newMount, newNetwork, newPair, newPort } from './draft.ts'
import { sentRows, toSpec } from './to-spec.ts'

describe('the form as a spec', () => {
  test('an image alone sends nothing else', () => {
    expect(toSpec({ ...emptyDraft, image: ' nginx ' })).toEqual({ spec: { image: 'nginx' }, problems: {} })
  })

  test('an image is required', () => {
    expect(toSpec(emptyDraft).problems).toEqual({ image: 'required' })
  })

  test('empty rows are no rows, and what is sent is a valid spec', () => {
    const { spec, problems } = toSpec({
      ...emptyDraft,
      image: 'nginx',
      env: [newPair(), newPair('A', '1')],
      ports: [newPort(), newPort('80'), { ...newPort('', '8080') }],
      mounts: [newMount('bind'), { ...newMount('tmpfs'), target: '/tmp', size: '64m', mode: ' 755 ' }],
      memory: '1.5g',
      storage: '10g',
      capAdd: 'net_admin, SYS_TIME net_admin',
    })
    expect(problems).toEqual({})
    expect(spec).toEqual({
      image: 'nginx',
      env: { A: '1' },
      ports: [
        { containerPort: 80, hostPort: 0, protocol: 'tcp' },
        { containerPort: 8080, hostPort: 8080, protocol: 'tcp' },
      ],
      mounts: [{ type: 'tmpfs', target: '/tmp', sizeBytes: 67_108_864, mode: '755' }],
      memoryBytes: 1_610_612_736,
      storageBytes: 10_737_418_240,
      capAdd: ['NET_ADMIN', 'SYS_TIME'],
    })
    expect(ContainerSpec.safeParse(spec).success).toBe(true)
  })

  test.each(['rwx', '1888', '77', '17777'])('a mode of memory is octal digits, and %s is none', (mode) => {
    const mounts = [{ ...newMount('tmpfs'), target: '/tmp', mode }]
    expect(toSpec({ ...emptyDraft, image: 'nginx', mounts }).problems).toEqual({ mounts: 'mode' })
  })

  test('what makes no sense is named by its field', () => {
    const { problems } = toSpec({
      ...emptyDraft,
      image: 'nginx',
      name: '-web',
      command: `sh -c 'oops`,
      memory: 'lots',
      storage: 'some',
      cpus: 'two',
      pids: '1.5',
      workingDir: 'srv',
      env: [newPair('A', '1'), newPair('A', '2')],
      labels: [newPair('', 'x')],
      ports: [newPort('99999')],
      mounts: [{ ...newMount('bind'), source: 'data', target: '/data' }],
    })
    expect(problems).toEqual({
      name: 'name',
      command: 'quote',
      memory: 'size',
      storage: 'size',
      cpus: 'number',
      pids: 'number',
      workingDir: 'path',
      env: 'duplicate',
      labels: 'name',
      ports: 'port',
      mounts: 'path',
    })
  })

  test('volumes and networks are sent with what was asked of them', () => {
    const draft = {
      ...emptyDraft,
      image: 'nginx',
      mounts: [
        { ...newMount('volume'), source: ' data ', target: '/data', readOnly: true, subPath: 'www', noCopy: true },
        newMount('volume'),
        { ...newMount('volume'), target: '/cache' },
      ],
      networks: [newNetwork(), { ...newNetwork('shop'), aliases: 'db, orders', ipv4: '10.20.0.9', ipv6: 'fd12::9' }],
      ports: [{ ...newPort('80', '8080'), hostIp: ' [::1] ' }],
    }
    const { spec, problems } = toSpec(draft)
    expect(problems).toEqual({})
    expect(spec).toEqual({
      image: 'nginx',
      mounts: [
        { type: 'volume', source: 'data', target: '/data', readOnly: true, subPath: 'www', noCopy: true },
        { type: 'volume', target: '/cache' },
      ],
      networks: [{ network: 'shop', aliases: ['db', 'orders'], ipv4: '10.20.0.9', ipv6: 'fd12::9' }],
      ports: [{ containerPort: 80, hostPort: 8080, hostIp: '::1', protocol: 'tcp' }],
    })
    expect(ContainerSpec.safeParse(spec).success).toBe(true)
    expect(sentRows(draft, 'mounts')).toEqual([draft.mounts[0]?.key, draft.mounts[2]?.key])
  })

  test('a shared network is sent without networks and ports of its own', () => {
    const { spec, problems } = toSpec({
      ...emptyDraft,
      image: 'nginx',
      network: 'container',
      sharedWith: ' web ',
      networks: [newNetwork('shop')],
      ports: [newPort('80')],
    })
    expect(problems).toEqual({})
    expect(spec).toEqual({ image: 'nginx', network: 'container:web' })
    expect(ContainerSpec.safeParse(spec).success).toBe(true)
  })

  test('a volume or network that cannot be is named by its field', () => {
    const draft = { ...emptyDraft, image: 'nginx' }
    const volume = { ...newMount('volume'), source: '.data', target: '/data' }
    expect(toSpec({ ...draft, mounts: [volume] }).problems).toEqual({ mounts: 'name' })
    expect(toSpec({ ...draft, mounts: [{ ...volume, source: 'data', target: '' }] }).problems).toEqual({
      mounts: 'path',
    })
    const nameless = { ...newNetwork(), aliases: 'db' }
    expect(toSpec({ ...draft, networks: [nameless] }).problems).toEqual({ networks: 'whichNetwork' })
    expect(toSpec({ ...draft, network: 'container' }).problems).toEqual({ sharedWith: 'whose' })
    expect(toSpec({ ...draft, network: 'container', sharedWith: 'a b' }).problems).toEqual({ sharedWith: 'name' })
  })
})
