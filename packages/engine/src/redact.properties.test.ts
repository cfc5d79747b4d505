import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { redactSecrets, redactText } from './redact.ts'

const word = 'S3same'
const names = ['PASSWORD', 'DB_PWD', 'api_key', 'my-token', 'X_SECRET_2', 'authToken', 'credentials', 'aws.secret']
const name = fc.constantFrom(...names)
const around = textOf(['a', ' ', ' ', 'x=1', '-v', '--flag', 'PWD=/', ',', ';', '&', 'sh -c'], 5)

describe('a secret', () => {
  const said = fc
    .tuple(name, fc.nat(6))
    .map(
      ([each, how]) =>
        [
          `${each}=${word}`,
          `--${each}=${word}`,
          `--${each} ${word}`,
          `"${each}": "${word}"`,
          `{"${each}":"${word}"}`,
          `x-${each}-token: ${word}`,
          `https://me:${word}@host/x`,
        ][how] as string,
    )
  property(
    'is not in a text that was redacted, whatever stands around it',
    [around, said, around],
    (before, text, after) => {
      expect(redactText(`${before} ${text} ${after}`)).not.toContain(word)
      expect(redactText(text)).not.toContain(word)
    },
  )

  property('is not in a document that was redacted', [name, fc.jsonValue({ maxDepth: 2 })], (each, beside) => {
    const document = { beside, env: [`${each}=${word}`], labels: { [each]: word }, command: ['run', `--${each}`, word] }
    expect(JSON.stringify(redactSecrets(document))).not.toContain(word)
  })

  property('is hidden once: what was redacted stays as it is', [around, said], (before, text) => {
    const once = redactText(`${before} ${text}`)
    expect(redactText(once)).toBe(once)
  })
})

describe('redacting', () => {
  const pieces = [
    'a-',
    '-',
    'a',
    'key',
    '-key',
    'key=',
    '"',
    "'",
    '\\"',
    '":"',
    ' ',
    '--',
    '--key ',
    '://',
    '://a:',
    'ENV ',
    'authorization: ',
    'x-auth',
    ':',
    '@',
    '=',
    '.',
    '_pwd',
    'a.b=',
    '\n',
    ',',
  ]
  const long = fc
    .tuple(
      fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...pieces),
      fc.constantFrom(...pieces),
    )
    .map(([middle, first, last]) => first + middle.join('').repeat(Math.ceil(20_000 / middle.join('').length)) + last)
  property('takes as long as the text is, and no text is slow', [long], (text) => {
    const start = process.cpuUsage()
    redactText(text)
    const { user, system } = process.cpuUsage(start)
    expect(user + system).toBeLessThan(250_000)
  })
})
