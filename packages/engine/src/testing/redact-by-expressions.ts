import { hiddenSecret } from '@flotilla/protocol'

/** What the scanners find, said by expressions: their meaning is easy to read, and hostile texts make them slow. For tests alone. */

/** `authors` are no secret; `PWD` is the working folder, `DB_PWD` is not. */
const secret = String.raw`pass|secret|token|key|credential|auth(?!ors?(?![a-z]))|[a-z0-9][_.-]pwd(?![\w.-])`
const word = String.raw`(?=[\w.-]*?(?:${secret}))[\w.-]+`
/** An option whose value is the next word: `--token`, `-password`; not one that turns something off. */
const option = String.raw`--?(?!-|no-)${word}`
const quoted = `"[^"]*"|'[^']*'`

/** `NAME=value`, whole: an environment variable, an argument. */
const assignment = new RegExp(`^(${word})=`, 'i')
/** The same inside of a text: options of a mount, words of a command, a query. Its value ends where the next may begin. */
const innerAssignment = new RegExp(
  String.raw`(^|[\s,;&?'"/])(${word})=(?:${quoted}|[^\s,;&]+?(?=['"]?(?:[\s,;&]|$)))`,
  'gi',
)
const innerOption = new RegExp(String.raw`(^|\s)(${option})(\s+)(?:${quoted}|[^\s'"-]\S*?(?=['"]?(?:\s|$)))`, 'gi')
/** A member of a JSON text, whose quotes may be escaped. */
const jsonMember = new RegExp(String.raw`(\\?["'])(${word})\1(\s*:\s*)(\\?["'])(?:(?!\4).)*\4`, 'gi')
/** A header of a request, to the end of its line or quotes. A name of any words begins where no other word ends. */
const header =
  /(\b(?:proxy-)?authorization|\b(?:set-)?cookie|(?<![\w-])[\w-]+-(?:key|token|auth|secret))(:\s+)[^"'\r\n]+/gi
/** The password of an address, `scheme://user:password@host`. Every place to begin at has its own `//`. */
const addressPassword = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g

/** A step that built an image: its values hold spaces, and each ends where the next name begins. */
const buildStep = /^(?:\/bin\/sh -c #\(nop\)\s+)?(?:ENV|ARG|LABEL)\s/
const buildValue = new RegExp(String.raw`(\s)(${word})=.*?(?=\s[\w.-]+=|$)`, 'gis')

/** A text without its secrets, as `redactText` gives it. */
export function redactByExpressions(text: string): string {
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
