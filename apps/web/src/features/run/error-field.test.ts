import { ContainerSpec, toFlotillaError } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { formField } from './error-field.ts'

/** The field that the protocol's own check of a spec names. */
function fieldOf(spec: Record<string, unknown>) {
  return toFlotillaError(ContainerSpec.safeParse({ image: 'nginx', ...spec }).error).field
}

describe('the place in the form of a refused field', () => {
  test.each([
    [{ name: '-web' }, 'name'],
    [{ image: '' }, 'image'],
    [{ memoryBytes: 0 }, 'memory'],
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
