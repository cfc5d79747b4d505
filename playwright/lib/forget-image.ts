import type { Platform } from '@flotilla/testkit/lab/platform'

/** Removes an image by a reference of it, with its other ones. Tests of one worker share its platform: others have its content too. */
export async function forgetImage(platform: Platform, reference: string): Promise<void> {
  const { body } = await platform.rest<{ items: { id: string; references: string[] }[] }>('GET', '/images')
  for (const { id, references } of body.items)
    if (references.includes(reference)) await platform.rest('DELETE', `/images/${id}?force=true`)
}
