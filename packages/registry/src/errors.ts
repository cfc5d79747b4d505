import { FlotillaError } from '@flotilla/protocol'

/** The one place where failures of the network become ours. */
export function networkError(error: unknown, url: URL, signal: AbortSignal): FlotillaError {
  if (error instanceof FlotillaError) return error
  if (signal.aborted) return cancelled(error)
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  const detail = `${code} ${message}`.slice(0, 500)
  const say = (sentence: string) => new FlotillaError('UNAVAILABLE', sentence, { detail, cause: error })
  const host = url.host
  if (code === 'ENOTFOUND')
    return say(`There is no registry with the name ${host}. Check its spelling and this host's DNS.`)
  if (code === 'EAI_AGAIN') return say(`The name ${host} could not be resolved. Check this host's DNS and network.`)
  if (code === 'ECONNREFUSED') return say(`Nothing answers at the registry ${host}. Check that it runs and its port.`)
  if (/CERT|SIGNATURE|SELF_SIGNED|ALTNAME/.test(code)) {
    return say(
      `The certificate of the registry ${host} is not valid for it. Let this host trust it, or correct the name.`,
    )
  }
  return say(`The connection to the registry ${host} failed. Try again; if it stays so, check the network between.`)
}

export function cancelled(cause?: unknown): FlotillaError {
  return new FlotillaError('CANCELLED', 'The pull was cancelled.', { cause })
}

export function stalled(url: URL, what: 'connect' | 'answer' | 'body' | 'rate'): FlotillaError {
  const how = {
    connect: 'does not take connections',
    answer: 'does not answer',
    body: 'stopped sending in the middle',
    rate: 'sends too slowly for anything to arrive',
  }[what]
  return new FlotillaError(
    'TIMEOUT',
    `The registry ${url.host} ${how}. Try again later; if it stays so, check the network and firewalls between.`,
  )
}

/** Bytes that are not what their digest promised. UNAVAILABLE: nothing here is wrong, and another try may get the right ones. */
export function lied(host: string, what: string): FlotillaError {
  return new FlotillaError(
    'UNAVAILABLE',
    `The registry ${host} sent ${what}. Nothing of it was kept. Try again; if it stays so, the registry or a proxy before it is broken or hostile.`,
  )
}

/** What an HTTP status means for the person. `what` is the thing that was asked for. */
export function statusError(status: number, host: string, what: string, loggedIn: boolean): FlotillaError {
  const detail = `HTTP ${status} from ${host} for ${what}`
  if (status === 401) return refusedLogin(host, loggedIn)
  if (status === 403) {
    return new FlotillaError('PERMISSION_DENIED', `The registry ${host} does not allow ${what} with this login.`, {
      detail,
    })
  }
  if (status === 404) {
    return new FlotillaError(
      'NOT_FOUND',
      `The registry ${host} has no ${what}. Check the name and the tag; a private one needs a login.`,
      { detail },
    )
  }
  if (status === 429) {
    return new FlotillaError(
      'RESOURCE_EXHAUSTED',
      `The registry ${host} limits how much may be pulled for now. Wait, or log in for a higher limit.`,
      { detail },
    )
  }
  return new FlotillaError('UNAVAILABLE', `The registry ${host} answered ${status}. Try again later.`, { detail })
}

export function refusedLogin(host: string, loggedIn: boolean): FlotillaError {
  return new FlotillaError(
    'UNAUTHENTICATED',
    loggedIn
      ? `The registry ${host} refused this user name and password. Check them; some registries want an access token as password.`
      : `The registry ${host} wants a login for this image, or the image is not there. Check its name, or give a user name and password.`,
  )
}
