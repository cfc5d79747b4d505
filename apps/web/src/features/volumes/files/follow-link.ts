import { errorFacts } from '../../../data/error.ts'
import { client } from '../../../data/trpc.ts'
import { contentAddress, refusal } from './content.ts'

/**
 * What a symbolic link of a volume leads to, followed inside the volume alone. Throws what the server says, where that is neither
 * a folder nor a regular file.
 */
export async function followLink(volume: string, path: string, signal: AbortSignal): Promise<'folder' | 'file'> {
  try {
    await client.volumeFiles.list.query({ id: volume, path, limit: 1 }, { signal })
    return 'folder'
  } catch (error) {
    if (errorFacts(error).kind !== 'file.noFolder') throw error
  }
  const own = new AbortController()
  const answer = await fetch(contentAddress(volume, path, 'bytes'), { signal: AbortSignal.any([signal, own.signal]) })
  if (!answer.ok) throw refusal(answer.status, await answer.text())
  own.abort() // its bytes are not needed
  return 'file'
}
