import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { clockToleranceMs, validityNow } from '@flotilla/db'

const lifeMs = 180 * 24 * 60 * 60_000

export interface KnownDevicesOptions {
  /** Signs the cookies; 32 random bytes or more. */
  secret: string
  /** Two instances on one host name have cookies of their own. */
  instance: string
  /** Whether browsers come by HTTPS alone. */
  isSecure: boolean
}

/**
 * Remembers in a browser that a person has signed in there. It lets nobody in: attempts from it are counted apart from those of
 * strangers, so that these cannot lock the person out.
 */
export class KnownDevices {
  readonly #options: KnownDevicesOptions
  readonly #now: () => number

  constructor(options: KnownDevicesOptions, now: () => number = validityNow) {
    this.#options = options
    this.#now = now
  }

  /** The device by which a cookie header says that this person signed in there before; null where it does not. */
  find(cookies: string | undefined, email: string): string | null {
    const name = `${this.#nameOf(email)}=`
    const found = cookies?.split(';').find((each) => each.trim().startsWith(name))
    const [device = '', until = '', mark = '', ...rest] = found?.trim().slice(name.length).split('.') ?? []
    if (rest.length > 0 || !/^[\w-]{22}$/.test(device) || !/^\d{1,16}$/.test(until)) return null
    const [expected, given] = [Buffer.from(this.#sign(`${device} ${until} ${normal(email)}`)), Buffer.from(mark)]
    const isOurs = expected.length === given.length && timingSafeEqual(expected, given)
    const leftMs = Number(until) - this.#now()
    return isOurs && leftMs > 0 && leftMs <= lifeMs + clockToleranceMs ? device : null
  }

  /** The cookie that is set when a person has signed in. */
  cookieFor(email: string, device: string | null): string {
    const id = device ?? randomBytes(16).toString('base64url')
    const until = this.#now() + lifeMs
    const value = `${id}.${until}.${this.#sign(`${id} ${until} ${normal(email)}`)}`
    const secure = this.#options.isSecure ? '; Secure' : ''
    const attributes = `Max-Age=${lifeMs / 1000}; Path=/api/auth/sign-in; HttpOnly; SameSite=Strict${secure}`
    return `${this.#nameOf(email)}=${value}; ${attributes}`
  }

  /** Several people may share a browser; the name tells nothing of whose it is. */
  #nameOf(email: string): string {
    return `flotilla-${this.#options.instance}.device-${this.#sign(`name ${normal(email)}`).slice(0, 10)}`
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#options.secret).update(`known device\0${text}`).digest('base64url')
  }
}

function normal(email: string): string {
  return email.toLowerCase()
}
