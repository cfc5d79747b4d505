import type { FleetContainer, FleetHost } from '@flotilla/protocol'
import { expect } from 'vitest'
import type { Platform } from '@flotilla/testkit/lab/platform'

export const starter = 'flotilla.local/starter:latest'

/** What a person with an API key does, in words. */
export function fleetOf(platform: Platform) {
  const { rest } = platform
  const ok = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await rest<T>(method, path, body)
    expect([method, path, answer.status, answer.text]).toEqual([method, path, 200, answer.text])
    return answer.body
  }
  const localHost = async (): Promise<FleetHost> => {
    const hosts = await ok<FleetHost[]>('GET', '/hosts')
    const host = hosts.find(({ transport }) => transport === 'socket')
    if (host === undefined) throw new Error('this machine is not in the list')
    return host
  }
  const create = async (spec: Record<string, unknown>, hostId?: string): Promise<FleetContainer> =>
    ok('POST', `/hosts/${hostId ?? (await localHost()).id}/containers`, { image: starter, ...spec })
  const change = (verb: string, id: string, body?: object): Promise<FleetContainer> =>
    ok('POST', `/containers/${id}/${verb}`, body)
  return {
    ok,
    localHost,
    create,
    change,
    run: async (spec: Record<string, unknown>, hostId?: string) => change('start', (await create(spec, hostId)).id),
    /** A script in the starter's shell. */
    shell: (script: string, more: Record<string, unknown> = {}) =>
      create({ command: ['/bin/sh', '-c', script], ...more }),
    inspect: (id: string) =>
      ok<FleetContainer & { detail: Record<string, unknown> | null }>('GET', `/containers/${id}`),
    remove: (id: string) => ok<{ id: string }>('DELETE', `/containers/${id}?force=true`),
    exec: (id: string, command: string[], more: object = {}) =>
      ok<{ stdout: string; stderr: string; exitCode: number | null }>('POST', `/containers/${id}/exec`, {
        command,
        ...more,
      }),
    /** What was refused: the status, the code and its sentence. */
    async refused(method: string, path: string, body?: unknown) {
      const { status, body: said, text } = await rest<{ code?: string; message?: string }>(method, path, body)
      expect(status, text).toBeGreaterThanOrEqual(400)
      return { status, code: said.code ?? '', message: said.message ?? '' }
    },
  }
}
export type Fleet = ReturnType<typeof fleetOf>
