const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Four letters that tell two containers of one image apart. */
export function randomSuffix(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => letters[byte % letters.length]).join('')
}

/** A name for a container of an image: `nginx-7k2f`. Known before the host answers, so that its steps can have it. */
export function nameFor(image: string, suffix: string): string {
  const base = (image.split('/').at(-1) ?? '').split(/[:@]/)[0]?.replaceAll(/[^a-zA-Z0-9_.-]/g, '') ?? ''
  return `${/^[a-zA-Z0-9]/.test(base) ? base.slice(0, 40) : 'container'}-${suffix}`
}
