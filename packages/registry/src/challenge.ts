/** One way to log in that a registry offers: RFC 9110, section 11.6.1. */
export interface Challenge {
  /** In lower case. */
  scheme: string
  parameters: Record<string, string>
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const maxHeader = 8192

/** Reads a WWW-Authenticate header, several challenges in one too. What cannot be read ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const text = header.slice(0, maxHeader)
  const challenges: Challenge[] = []
  let at = 0
  const take = (): string => {
    token.lastIndex = at
    const found = token.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  const skip = (characters: string) => {
    while (at < text.length && characters.includes(text.charAt(at))) at += 1
  }
  for (;;) {
    skip(' \t,')
    const word = take()
    if (word === '') return challenges
    skip(' \t')
    if (text.charAt(at) !== '=') {
      challenges.push({ scheme: word.toLowerCase(), parameters: {} })
      continue
    }
    at += 1
    skip(' \t')
    const value = text.charAt(at) === '"' ? quoted() : take()
    const current = challenges.at(-1)
    if (value === undefined || current === undefined) return challenges
    current.parameters[word.toLowerCase()] = value
  }

  function quoted(): string | undefined {
    let value = ''
    for (at += 1; at < text.length; at += 1) {
      const character = text.charAt(at)
      if (character === '"') {
        at += 1
        return value
      }
      if (character === '\\') at += 1
      value += text.charAt(at)
    }
    return undefined
  }
}
