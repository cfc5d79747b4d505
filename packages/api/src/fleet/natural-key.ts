const digits = 20

/**
 * A key by which names sort as people count: `web-2` before `web-10`, capitals as small letters. Keys compare as plain strings,
 * so that they go into a cursor. Runs of more than 20 digits compare as text.
 */
export function naturalKey(name: string): string {
  return name.toLowerCase().replaceAll(/\d+/g, (run) => run.padStart(digits, '0'))
}
