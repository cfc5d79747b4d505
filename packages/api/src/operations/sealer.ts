import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { fail } from '@flotilla/protocol'

const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** Keeps the inputs of operations unreadable for whoever has the database alone. */
export class Sealer {
  readonly #key: Buffer

  /** The key has 32 bytes and lies outside of the database. */
  constructor(key: Buffer) {
    this.#key = key
  }

  /** AES-256-GCM, bound to `owner`: nonce, tag, then the ciphertext. */
  seal(owner: string, value: unknown): Uint8Array<ArrayBuffer> {
    const nonce = randomBytes(nonceBytes)
    const sealing = createCipheriv(cipher, this.#key, nonce).setAAD(Buffer.from(owner))
    const text = Buffer.concat([sealing.update(JSON.stringify(value), 'utf8'), sealing.final()])
    return new Uint8Array(Buffer.concat([nonce, sealing.getAuthTag(), text]))
  }

  /** HMAC-SHA-256 of a value, in hex: it tells values apart, and without the key nobody can try which one it was. */
  digest(value: unknown): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(value)).digest('hex')
  }

  /** Throws CONFLICT where it was sealed by another key or for another owner. */
  open(owner: string, sealed: Uint8Array): unknown {
    try {
      const bytes = Buffer.from(sealed)
      const opening = createDecipheriv(cipher, this.#key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      opening.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      const text = Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()])
      return JSON.parse(text.toString('utf8')) as unknown
    } catch (error) {
      throw fail(
        'operation.unreadable',
        {},
        {
          cause: error,
        },
      )
    }
  }
}
