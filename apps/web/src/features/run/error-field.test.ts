import { describe, expect, test } from 'vitest'
import { errorField } from './error-field.ts'

describe('the field that an error is about', () => {
  test.each([
    [
      'ALREADY_EXISTS',
      'The name web is taken by container 0123. Choose another name or remove that container.',
      'name',
    ],
    [
      'CONFLICT',
      'The host quay takes no new containers: Ada cordoned it on 2026-11-29 09:00 UTC, because of: a new image of the disk.',
      'hostId',
    ],
    [
      'CONFLICT',
      'TCP port 8080 of this host is taken by nginx (pid 12). Choose another port, or stop what holds it.',
      'ports',
    ],
    [
      'INVALID_ARGUMENT',
      'A memory limit of 1 bytes is less than a container needs to start. Give at least 6 MiB.',
      'memory',
    ],
    ['INVALID_ARGUMENT', 'A CPU limit of 0.001 is not possible here: this host takes 0.01 to 2.', 'cpus'],
    [
      'INVALID_ARGUMENT',
      'The image x names no command to run, and none was given. Give a command, such as ["/bin/sh"].',
      'command',
    ],
    ['INVALID_ARGUMENT', 'The image has no program "nope". Give a command that is in the image.', 'command'],
    [
      'INVALID_ARGUMENT',
      'The image has no user "nobody2" in its /etc/passwd. Name one that it has, or give a number.',
      'user',
    ],
    ['INVALID_ARGUMENT', '"A:B:C" is not an image reference: it has two tags. Write it as nginx:1.27.', 'image'],
    ['NOT_FOUND', 'The registry x has no image. Check the name and the tag; a private one needs a login.', 'image'],
    ['UNAUTHENTICATED', 'The registry x wants a login for this image, or the image is not there.', 'image'],
    ['INVALID_ARGUMENT', 'The host has nothing at /nope. Make it first, or mount another path.', 'mounts'],
    ['INVALID_ARGUMENT', 'The input is not valid. ports.0.hostPort: Too big.', 'ports'],
    ['INVALID_ARGUMENT', 'The input is not valid. hostname: Invalid string.', 'hostname'],
    [
      'PERMISSION_DENIED',
      'Your role (operator) may not create containers with bind mounts. Ask an owner or admin.',
      null,
    ],
    ['INTERNAL', 'Something went wrong inside Flotilla. The image log has the detail.', null],
    ['UNAVAILABLE', 'The host web-1 is away.', null],
  ])('%s %s', (code, message, field) => {
    expect(errorField(code, message)).toBe(field)
  })
})
