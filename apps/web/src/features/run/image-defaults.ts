import type { ImageDetail } from '@flotilla/protocol'
import { joinWords } from '../../format/shell-words.ts'

/** What the image says of itself, shown where nothing is typed. */
export interface ImageDefaults {
  entrypoint: string
  user: string
  workingDir: string
  stopSignal: string
}

/** `plain` puts what is hidden of an image's words into a text. */
export function imageDefaults(detail: Omit<ImageDetail, 'image'>, plain: (text: string) => string): ImageDefaults {
  return {
    entrypoint: plain(joinWords(detail.entrypoint)),
    user: detail.user === '' ? 'root' : detail.user,
    workingDir: detail.workingDir === '' ? '/' : detail.workingDir,
    stopSignal: detail.stopSignal ?? 'SIGTERM',
  }
}
