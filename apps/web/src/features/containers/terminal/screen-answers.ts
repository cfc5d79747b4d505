/**
 * What a screen says by itself: who it is, where its cursor stands, its modes and colours, that it got or lost the focus, where the
 * mouse is. Nobody has typed it.
 */
const answers = [
  /^\x1b\[[?>=]?[\d;]*[cnRty]$/,
  /^\x1b\[\??[\d;]*\$y$/,
  /^\x1b\[[IO]$/,
  /^\x1b\[<[\d;]*[mM]$/,
  /^\x1b\[M/,
  /^\x1b[\]P]/,
]

export function isScreenAnswer(text: string): boolean {
  return answers.some((pattern) => pattern.test(text))
}
