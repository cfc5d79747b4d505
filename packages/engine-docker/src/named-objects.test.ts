import { expect, it } from 'vitest'
import { dockerError, dockerWordsError } from './docker-error.ts'

const [one, other] = ['1a'.repeat(32), '2b'.repeat(32)]
const refused = (statusCode: number, message: string) => dockerError({ statusCode, json: { message } })
/** All that a caller may read of an error, whoever they are. */
const reported = (error: ReturnType<typeof dockerError>) => JSON.stringify({ ...error.reported(), objects: undefined })

it.each([
  [409, `remove data: volume is in use - [${one}, ${other}]`, 'volume.inUse', [one, other]],
  [
    403,
    `error while removing network: network shop id ${one} has active endpoints (name:"secret-db" id:"2b2b2b2b2b2b")`,
    ...['network.hasContainers', []],
  ],
  [403, 'error while removing network: network shop has active endpoints', 'network.hasContainers', []],
  [
    409,
    `Conflict. The container name "/web" is already in use by container "${other}". You have to remove (or rename) that container to be able to reuse that name.`,
    ...['container.nameTaken', [other]],
  ],
  [
    409,
    'conflict: unable to delete 9f8e7d6c5b4a (must be forced) - image is being used by stopped container 2b2b2b2b2b2b',
    ...['image.inUse', []],
  ],
  [
    409,
    'conflict: unable to remove repository reference "a:1" (must force) - container 2b2b2b2b2b2b is using its referenced image 9f8e7d6c5b4a',
    ...['image.inUse', []],
  ],
  [
    500,
    `driver failed programming external connectivity on endpoint web (${one}): Bind for 0.0.0.0:80 failed: port is already allocated`,
    ...['docker.portTaken', []],
  ],
  [409, `cannot join network of a non running container: ${other}`, 'network.ownerStopped', []],
  [
    409,
    'cannot join network namespace of a non running container: container secret-db is exited',
    ...['network.ownerStopped', []],
  ],
  [409, 'cannot join IPC of a non running container: secret-db', 'docker.conflict', []],
  [409, `Container ${other} is restarting, wait until the container is running`, 'docker.conflict', []],
] as [number, string, string, string[]][])('%i %s', (status, words, kind, users) => {
  const error = refused(status, words)
  expect([error.kind, error.objects]).toEqual([kind, users.map((id) => ({ kind: 'container', id }))])
  expect(error.detail).toBe(words)
  for (const mark of [one, other, '2b2b2b2b2b2b', 'secret-db']) expect(reported(error)).not.toContain(mark)
})

it('keeps the words that name nothing else, digests of images too', () => {
  const digest = `sha256:${one}`
  expect(dockerWordsError(`manifest for app@${digest} not found`).message).toContain(digest)
  expect(refused(400, 'invalid reference format').message).toContain('invalid reference format')
})
