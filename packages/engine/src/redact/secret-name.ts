/** `authors` are no secret; `PWD` is the working folder, `DB_PWD` is not. */
const secretName = /pass|secret|token|key|credential|auth(?!ors?(?![a-z]))|[a-z0-9][_.-]pwd(?![\w.-])/i

/** Whether a name, or one inside of a text, tells that what it names is a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name)
}

/** An option whose value is the next word: `--token`, `-password`; not one that turns something off. */
export function isSecretOption(word: string): boolean {
  return /^--?[^-]/.test(word) && !/^--?no-/i.test(word) && secretName.test(word)
}
