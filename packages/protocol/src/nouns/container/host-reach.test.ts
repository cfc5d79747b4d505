import { describe, expect, test } from 'vitest'
import { hostReachOf, reachesHost } from './host-reach.ts'

const usual = { capabilities: ['CAP_CHOWN', 'CAP_NET_RAW'], mounts: [] }
const bound = (source: string, readOnly = false) => ({ ...usual, mounts: [{ type: 'bind', source, readOnly }] })

describe('a bind mount', () => {
  test.each(['/', '/etc', '/proc', '/etc/', '//etc', '/srv/../etc', '/etc/cron.d', '/etc/passwd', '/proc/1/root'])(
    'that may be written to of %s reaches the host',
    (source) => {
      expect(hostReachOf(bound(source))).toContain('hostFolder')
    },
  )

  test.each(['/srv', '/srv/etc', '/etcetera', '/home/proc', '/var/lib/data', '/var', '/etc/localtime', '/etc/hosts'])(
    'of %s does not',
    (source) => {
      expect(hostReachOf(bound(source))).toEqual([])
    },
  )

  test('that is only read reaches no folder', () => {
    expect(hostReachOf(bound('/etc', true))).toEqual([])
    expect(hostReachOf(bound('/proc', true))).toEqual([])
  })

  test.each([
    '/var/run/docker.sock',
    '/run/docker.sock',
    '/var/run',
    '/run',
    '/run/containerd/containerd.sock',
    '/run/podman/podman.sock',
    '/run/user/1000/podman/podman.sock',
    '/run/flotilla/0a1b2c/agent.sock',
    '/run/flotilla',
    '/',
  ])('of %s reaches an engine, also when it is only read', (source) => {
    for (const readOnly of [true, false]) expect(hostReachOf(bound(source, readOnly))).toContain('engineSocket')
  })

  test("of an engine's own socket, its folder and what holds that reaches the engine", () => {
    const places = ['/opt/engine/run/own.sock']
    for (const source of ['/opt/engine/run/own.sock', '/opt/engine/run', '/opt'])
      expect(hostReachOf(bound(source, true), places)).toEqual(['engineSocket'])
    for (const source of ['/opt/engine/run/other', '/opt/engine/runs'])
      expect(hostReachOf(bound(source), places)).toEqual([])
  })
})

test('a volume reaches nothing by its name', () => {
  const mounts = [{ type: 'volume', source: '/etc', readOnly: false }]
  expect(hostReachOf({ ...usual, mounts })).toEqual([])
})

test('modes and capabilities are each a reason, and others are none', () => {
  expect(hostReachOf(usual)).toEqual([])
  expect(hostReachOf({ ...usual, isPrivileged: true })).toEqual(['privileged'])
  expect(hostReachOf({ ...usual, isInHostPid: true })).toEqual(['hostPid'])
  expect(hostReachOf({ ...usual, capabilities: ['CAP_SYS_ADMIN'] })).toEqual(['sysAdmin'])
})

test('what an engine says counts beside what its other fields say', () => {
  expect(reachesHost({ ...usual, reachesHost: [] })).toEqual([])
  expect(reachesHost({ ...usual, reachesHost: ['hostFolder'] })).toEqual(['hostFolder'])
  expect(reachesHost({ ...bound('/etc'), reachesHost: ['hostFolder', 'newer'] })).toEqual(['hostFolder', 'newer'])
  expect(reachesHost({ ...usual, capabilities: ['CAP_SYS_ADMIN'] })).toEqual(['sysAdmin'])
})
