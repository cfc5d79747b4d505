import { ClientError } from '../../../data/error.ts'

/** The address of a file's bytes, or of a file or folder as tar. */
export function contentAddress(volume: string, path: string, as: 'bytes' | 'tar'): string {
  return `/api/v1/volumes/${encodeURIComponent(volume)}/content?${new URLSearchParams({ path, as }).toString()}`
}

export interface Upload {
  volume: string
  path: string
  file: Blob
  overwrite: boolean
  /** Bytes that are on their way or there. */
  onProgress: (bytes: number) => void
  signal: AbortSignal
}

/** Sends a file's bytes to a volume; XMLHttpRequest alone tells how far an upload is. Throws what the server says. */
export function upload({ volume, path, file, overwrite, onProgress, signal }: Upload): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const query = new URLSearchParams({ path, overwrite: String(overwrite) })
    request.open('PUT', `/api/v1/volumes/${encodeURIComponent(volume)}/content?${query.toString()}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded }) => onProgress(loaded)
    request.onload = () => (request.status < 300 ? resolve() : reject(refusal(request.status, request.responseText)))
    request.onerror = () =>
      reject(new ClientError({ code: 'UNAVAILABLE', message: 'The connection was lost during the upload.' }))
    request.onabort = () => reject(new ClientError({ code: 'CANCELLED', message: 'The upload was cancelled.' }))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    if (signal.aborted) request.abort()
    else request.send(file)
  })
}

/** What the server said with a status that is none of success, or that it said nothing of ours. */
export function refusal(status: number, text: string): ClientError {
  try {
    const said = JSON.parse(text) as ConstructorParameters<typeof ClientError>[0]
    if (typeof said.code === 'string' && typeof said.message === 'string') return new ClientError(said)
  } catch {
    // Whatever stands between answered, and not in our words.
  }
  return new ClientError({
    code: status === 408 ? 'TIMEOUT' : 'INTERNAL',
    message: `The server did not take this (${status}). Try again.`,
  })
}
