import type { ImageDetail } from '@flotilla/protocol'

/** What the host says of an image beyond its row. */
export type Detail = Omit<ImageDetail, 'image'>
