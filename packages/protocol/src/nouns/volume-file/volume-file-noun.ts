import { z } from 'zod'
import { FilePath, FileRow } from '../../file.ts'
import { definePagedNoun } from '../../paged-noun.ts'
import type { View } from '../../view.ts'
import { volumeCarries, volumeFileMethods } from '../volume/volume.ts'
import { volumeFilesRead, volumeKind } from '../volume/volume-kind.ts'

/** Its order and its search go by the name alone, so that a page is cut before anything is known of the files. */
const view = {
  title: ({ name }: { name: string }) => name,
  names: ({ name }: { name: string }) => [name],
  search: ({ name }: { name: string }) => [name],
  filters: {},
  sorts: { name: ({ name }: { name: string }) => name },
} satisfies View<FileRow>

/** A file of a volume: listed when somebody looks, folder by folder, and named by its path in the volume. */
export const volumeFileNoun = definePagedNoun({
  kind: 'file',
  plural: 'volumeFiles',
  parent: { kind: volumeKind, field: 'id' },
  page: {
    permission: volumeFilesRead,
    carries: volumeCarries,
    path: '/volumes/{id}/files',
    summary: 'The files of a folder of it, page by page',
    within: { path: FilePath },
    bound: 500_000,
    verbatim: true,
  },
  row: FileRow,
  detail: z.object({ file: FileRow }),
  view,
  permissions: {},
  methods: volumeFileMethods,
})
