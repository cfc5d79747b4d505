import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { redactByExpressions } from '../testing/redact-by-expressions.ts'
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
  const names = ['key', '-key', 'x-auth', 'authors', 'a.b', '_pwd', 'PWD', 'no-', 'x']
  const marks = ['-', '--', '=', '"', "'", '\\"', ':', '://', '@', '.', '/', ',', ' ', '\n', '\u2028']
  const whole = ['key=', '":"', '--key ', '://a:', 'ENV ', ' a=', 'authorization: ', 'Set-Cookie:\t', 'A-Token:  ']
  property(
    'says what the expressions say, which are short and slow',
    [textOf([...names, ...marks, ...whole], 14)],
    (text) => expect(redactText(text)).toBe(redactByExpressions(text)),
    { runs: 3000 },
  )
})
