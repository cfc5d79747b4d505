import { hiddenSecret } from '@flotilla/protocol'

/** `authors` are no secret; `PWD` is the working folder, `DB_PWD` is not. */
const secret = String.raw`pass|secret|token|key|credential|auth(?!ors?(?![a-z]))|[a-z0-9][_.-]pwd(?![\w.-])`
const secretName = new RegExp(secret, 'i')
const word = String.raw`(?=[\w.-]*?(?:${secret}))[\w.-]+`
/** An option whose value is the next word: `--token`, `-password`; not one that turns something off. */
const option = String.raw`--?(?!-|no-)${word}`
const quoted = `"[^"]*"|'[^']*'`

/** `NAME=value`, whole: an environment variable, an argument. */
const assignment = new RegExp(`^(${word})=`, 'i')
const optionWord = new RegExp(`^${option}$`, 'i')
/** The same inside of a text: options of a mount, words of a command, a query. Its value ends where the next may begin. */
const innerAssignment = new RegExp(
  String.raw`(^|[\s,;&?'"/])(${word})=(?:${quoted}|[^\s,;&]+?(?=['"]?(?:[\s,;&]|$)))`,
  'gi',
)
const innerOption = new RegExp(String.raw`(^|\s)(${option})(\s+)(?:${quoted}|[^\s'"-]\S*?(?=['"]?(?:\s|$)))`, 'gi')
/** A member of a JSON text, whose quotes may be escaped. */
const jsonMember = new RegExp(String.raw`(\\?["'])(${word})\1(\s*:\s*)(\\?["'])(?:(?!\4).)*\4`, 'gi')
/** A header of a request, to the end of its line or quotes. A name of any words begins where no other word ends: no text is slow. */
const header =
  /(\b(?:proxy-)?authorization|\b(?:set-)?cookie|(?<![\w-])[\w-]+-(?:key|token|auth|secret))(:\s+)[^"'\r\n]+/gi
/** The password of an address, `scheme://user:password@host`. Every place to begin at has its own `//`: no text is slow. */
const addressPassword = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g

/** A step that built an image: its values hold spaces, and each ends where the next name begins. */
const buildStep = /^(?:\/bin\/sh -c #\(nop\)\s+)?(?:ENV|ARG|LABEL)\s/
const buildValue = new RegExp(String.raw`(\s)(${word})=.*?(?=\s[\w.-]+=|$)`, 'gis')

/**
 * A copy of a document without secrets: texts under a secret-like name (labels, variables, log driver options), values of
 * variables, options and headers with such a name inside of texts and lists of words, and passwords of addresses. Names
 * alone tell: a secret under an innocent name stays.
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

function redactNamed(name: string, value: unknown): unknown {
  return typeof value === 'string' && value !== '' && isSecret(name) ? hiddenSecret : redactValue(value)
}

function redactWords(words: readonly unknown[]): unknown[] {
  return words.map((one, at) => {
    const before = words[at - 1]
    const isValue = typeof before === 'string' && typeof one === 'string' && !/^(-|$)/.test(one)
    return isValue && optionWord.test(before) ? hiddenSecret : redactValue(one)
  })
}

/** The same for one text, such as the sentence of an error. */
export function redactText(text: string): string {
  const name = assignment.exec(text)?.[1]
  if (name !== undefined) return `${name}=${hiddenSecret}`
  const whole = buildStep.test(text) ? text.replace(buildValue, `$1$2=${hiddenSecret}`) : text
  return whole
    .replace(innerAssignment, `$1$2=${hiddenSecret}`)
    .replace(innerOption, `$1$2$3${hiddenSecret}`)
    .replace(jsonMember, `$1$2$1$3$4${hiddenSecret}$4`)
    .replace(header, `$1$2${hiddenSecret}`)
    .replace(addressPassword, `$1${hiddenSecret}@`)
}

/** A path is no name: `/run/secrets` as a mount's key has options, no secret. */
function isSecret(name: string): boolean {
  return !name.startsWith('/') && secretName.test(name)
}
