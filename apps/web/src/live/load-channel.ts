import type { LiveChannel } from './channel.ts'

const againMs = 1000

/**
 * The live channel, whose program comes after the page's own so that the page shows itself sooner. Asked for again until it is
 * there; null once `signal` is aborted.
 */
export async function loadChannel(signal: AbortSignal): Promise<LiveChannel | null> {
  while (!signal.aborted) {
    try {
      const { LiveChannel } = await import('./channel.ts')
      return signal.aborted ? null : new LiveChannel()
    } catch {
      // The line was cut or the server is away: what the page shows meanwhile says its age.
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }
  return null
}
