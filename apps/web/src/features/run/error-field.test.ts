import { ContainerSpec, toFlotillaError } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { emptyDraft, newMount, newNetwork, newPort } from './draft.ts'
import { formField, formSpot } from './error-field.ts'

/** The field that the protocol's own check of a spec names. */
function fieldOf(spec: Record<string, unknown>) {
  return toFlotillaError(ContainerSpec.safeParse({ image: 'nginx', ...spec }).error).field
}

describe('the place in the form of a refused field', () => {
  test.each([
    [{ name: '-web' }, 'name'],
    [{ image: '' }, 'image'],
    [{ memoryBytes: 0 }, 'memory'],
    [{ storageBytes: 0 }, 'storage'],
    [{ pidsLimit: 0.5 }, 'pids'],
    [{ ports: [{ containerPort: 80, hostPort: 99_999 }] }, 'ports'],
    [{ mounts: [{ type: 'bind', source: 'data', target: '/data' }] }, 'mounts'],
    [{ stopTimeoutSeconds: -1 }, 'stopTimeout'],
    [{ restart: { policy: 'often' } }, 'restart'],
    [{ env: { 'A=B': '' } }, 'env'],
  ])('%j', (spec, place) => {
    expect(formField(fieldOf(spec))).toBe(place)
  })

  test('is found for every field of a spec that the form sends', () => {
    const unsent = ['pull', 'tty']
    const fields = Object.keys(ContainerSpec.shape).filter((field) => !unsent.includes(field))
    expect(fields.filter((field) => formField([field]) === null)).toEqual([])
  })

  test('is the host where that takes no new containers', () => {
    expect(formField(['hostId'])).toBe('hostId')
  })

  test('is none where the error names none, or one that is not there', () => {
    expect(formField(undefined)).toBeNull()
    expect(formField([])).toBeNull()
    expect(formField(['operationId'])).toBeNull()
    expect(formField(['toString'])).toBeNull()
    expect(formField([0])).toBeNull()
  })
})

describe('the row of a refused field', () => {
  const mount = { ...newMount('volume'), target: '/data', subPath: 'a' }
  const [first, second] = [newNetwork('shop'), { ...newNetwork('back'), ipv4: '10.0.0.1' }]
  const draft = { ...emptyDraft, mounts: [newMount('bind'), mount], networks: [first, newNetwork(), second] }

  test('is found past rows that are empty and so were not sent', () => {
    expect(formSpot(['mounts', 0, 'subPath'], draft)).toEqual({ field: 'mounts', row: mount.key, part: 'subPath' })
    expect(formSpot(['networks', 1, 'ipv4'], draft)).toEqual({ field: 'networks', row: second.key, part: 'ipv4' })
    expect(formSpot(['networks', 0], draft)).toEqual({ field: 'networks', row: first.key, part: null })
  })

  test('is none where the error is about the whole list, or about a row that is not there', () => {
    expect(formSpot(['networks'], draft)).toEqual({ field: 'networks', row: null, part: null })
    expect(formSpot(['mounts', 7, 'source'], draft)).toEqual({ field: 'mounts', row: null, part: null })
    expect(formSpot(['env', 0], draft)).toEqual({ field: 'env', row: null, part: null })
    expect(formSpot(undefined, draft)).toBeNull()
  })

  test('is the one that the protocol itself names', () => {
    const port = { ...newPort('80'), hostIp: 'nowhere' }
    const field = fieldOf({ ports: [{ containerPort: 80, hostIp: 'nowhere' }] })
    expect(formSpot(field, { ...emptyDraft, ports: [port] })).toEqual({ field: 'ports', row: port.key, part: 'hostIp' })
  })

  test('is the other container where that one’s network cannot be shared', () => {
    const shared = { ...emptyDraft, network: 'container' as const, sharedWith: 'web' }
    expect(formSpot(['network'], shared)?.field).toBe('sharedWith')
    expect(formSpot(['network'], emptyDraft)?.field).toBe('network')
  })
})
