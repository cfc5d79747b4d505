import { hiddenSecret } from '@flotilla/protocol'
import { remembered } from './remembered.ts'
import { isSecretName, isSecretOption } from './secret-name.ts'
import {
  addressPasswords,
  assignedValues,
  buildValues,
  headerValues,
  memberValues,
  optionValues,
  type Scanner,
} from './secret-values.ts'

const scanners: readonly Scanner[] = [assignedValues, optionValues, memberValues, headerValues, addressPasswords]

/** `NAME=value`, whole: an environment variable, an argument. */
const assignment = /^[\w.-]+=/
/** What no secret is found without: most texts have none of it. */
const suspicious = /pass|secret|token|key|credential|auth|pwd|cookie|:\/\//i
/** A step that built an image: its values hold spaces. */
const buildStep = /^(?:\/bin\/sh -c #\(nop\)\s+)?(?:ENV|ARG|LABEL)\s/

/**
 * A copy of a document without secrets: texts under a secret-like name (labels, variables, log driver options), values of
 * variables, options and headers with such a name inside of texts and lists of words, and passwords of addresses. Names
 * alone tell: a secret under an innocent name stays. The work is as the document is long, whatever stands in it.
 */
export function redactSecrets<T>(document: T): T {
  return redactValue(document) as T
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return redactWords(value)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactNamed(name, inner)]))
  }
  return value
}

/** A path is no name: `/run/secrets` as a mount's key has options, no secret. */
function redactNamed(name: string, value: unknown): unknown {
  const isSecret = typeof value === 'string' && value !== '' && !name.startsWith('/') && isSecretName(name)
  return isSecret ? hiddenSecret : redactValue(value)
}

function redactWords(words: readonly unknown[]): unknown[] {
  return words.map((one, at) => {
    const before = words[at - 1]
    const isValue = typeof before === 'string' && typeof one === 'string' && one !== '' && !one.startsWith('-')
    return isValue && isOption(before) ? hiddenSecret : redactValue(one)
  })
}

function isOption(word: string): boolean {
  return word.startsWith('-') && /^[\w.-]+$/.test(word) && isSecretOption(word)
}

/** The same for one text, such as the sentence of an error. */
export const redactText = remembered((text) => {
  if (!suspicious.test(text)) return text
  const name = assignment.exec(text)?.[0]
  if (name !== undefined && isSecretName(name.slice(0, -1))) return `${name}${hiddenSecret}`
  const whole = buildStep.test(text) ? hide(text, buildValues) : text
  return scanners.reduce(hide, whole)
})

function hide(text: string, scanner: Scanner): string {
  const pieces: string[] = []
  let done = 0
  for (const { start, end } of scanner(text)) {
    pieces.push(text.slice(done, start), hiddenSecret)
    done = end
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(done)
}
