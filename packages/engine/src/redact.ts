const censor = '[redacted]'

/** `authors` are no secret; `PWD` is the working folder, `DB_PWD` is not. */
const secretName = /pass|secret|token|key|credential|auth(?!ors?(?![a-z]))|[a-z0-9][_.-]pwd$/i

/** `NAME=value`, whole: an environment variable, an argument. */
const assignment = /^([\w.-]+)=/
/** The same inside of a text: options of a mount, words of a command, a query. Its value ends where the next may begin. */
const innerAssignment = /(^|[\s,;&?])([\w.-]+)=([^\s,;&]+)/g
/** The password of an address, `scheme://user:password@host`. Every place to begin at has its own `//`: no text is slow. */
const addressPassword = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g

/**
 * A copy of an engine's own document without secrets, as `native` of a container or an image has to be: texts under a
 * secret-like name (labels, log driver options, annotations), values of variables and options with such a name, and
 * passwords of addresses. Names alone tell: a secret under an innocent name stays.
 */
export function redactSecrets(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, redactNamed(name, value)]))
}

function redactNamed(name: string, value: unknown): unknown {
  return typeof value === 'string' && value !== '' && isSecret(name) ? censor : redactValue(value)
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map(redactValue)
  if (typeof value === 'object' && value !== null) return redactSecrets(value as Record<string, unknown>)
  return value
}

function redactText(text: string): string {
  const name = assignment.exec(text)?.[1]
  if (name !== undefined && isSecret(name)) return `${name}=${censor}`
  return text
    .replace(innerAssignment, (whole, before: string, inner: string) =>
      isSecret(inner) ? `${before}${inner}=${censor}` : whole,
    )
    .replace(addressPassword, `$1${censor}@`)
}

/** A path is no name: `/run/secrets` as a mount's key has options, no secret. */
function isSecret(name: string): boolean {
  return !name.startsWith('/') && secretName.test(name)
}
