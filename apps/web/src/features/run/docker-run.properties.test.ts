import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { joinWords, splitWords } from '../../format/shell-words.ts'
import { parseDockerRun } from './parse-docker-run.ts'

const options = [
  ...[
    '-d',
    '-it',
    '--rm',
    '--name',
    '-p',
    '80:80',
    '-p8080:80/udp',
    '-p=',
    '[::1]:80:80',
    '-e',
    'A=B',
    '--env=A',
    '-v',
    '/a:/b:ro',
  ],
  ...[
    '--mount',
    'type=bind,source=/a',
    'type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=9',
    '--tmpfs',
    '/t:size=x,mode=,mode=1',
    '--network',
    'host',
    '--network=a:ip=1',
  ],
  ...[
    '--restart',
    'on-failure:',
    '--device',
    ':::',
    '--security-opt=seccomp=unconfined',
    '--constructor',
    '--',
    '-',
    '-l',
    '=',
    '--memory=',
  ],
]
const words = fc.array(fc.oneof(fc.constantFrom(...options), fc.string({ unit: 'binary', maxLength: 5 })), {
  maxLength: 8,
})

describe('a line of docker run', () => {
  property(
    'fills a form, or is none; what is no option of it is the image and the command',
    [words, words],
    (before, after) => {
      const parsed = parseDockerRun(
        `docker run ${joinWords([...before.filter((word) => word.startsWith('--name=')), 'image', ...after])}`,
      )
      expect(parsed?.draft.image).toBe('image')
      expect(splitWords(parsed?.draft.command ?? '')).toEqual({ ok: true, words: after })
      const any = parseDockerRun(`docker run ${joinWords(before)}`)
      if (any !== null) for (const ignored of any.ignored) expect(typeof ignored).toBe('string')
    },
  )

  property(
    'may be any text',
    [textOf(['docker', ' run ', 'podman', ' ', "'", '"', '\\', '$ ', 'sudo ', ...options], 14)],
    (line) => {
      const parsed = parseDockerRun(line)
      // Behind the end of the options anything is an image, which the form then refuses.
      if (parsed !== null && !/--\s/.test(line)) expect(parsed.draft.image).not.toMatch(/^-./)
    },
  )
})
