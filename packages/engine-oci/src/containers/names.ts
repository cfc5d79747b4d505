import { randomBytes, randomInt } from 'node:crypto'

const adjectives =
  'amber brave calm clear deft eager fair gentle keen lively merry noble quiet rapid steady swift'.split(' ')
const vessels =
  'barge brig clipper cutter dinghy ferry frigate galley ketch lugger packet pinnace schooner sloop tender yawl'.split(
    ' ',
  )

/** 64 hexadecimal digits, as other engines' ids have. */
export const createContainerId = (): string => randomBytes(32).toString('hex')

/** A name for who gave none; tried again while it is taken. */
export function createName(isUsed: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const words = `${adjectives[randomInt(adjectives.length)]}-${vessels[randomInt(vessels.length)]}`
    const name = attempt < 4 ? words : `${words}-${randomBytes(3).toString('hex')}`
    if (!isUsed(name)) return name
  }
}
