import { z } from 'zod'
import { FilePath, FileRow, type FileType } from '../../file.ts'
import { definePagedNoun } from '../../paged-noun.ts'
import type { View } from '../../view.ts'
import { volumeCarries, volumeFileMethods } from '../volume/volume.ts'
import { volumeFilesRead, volumeKind } from '../volume/volume-kind.ts'

/** What a folder itself tells of an entry: a page is cut by it before anything else is known of the files. */
interface ListedName {
  name: string
  type: FileType
}

const view = {
  title: ({ name }: ListedName) => name,
  names: ({ name }: ListedName) => [name],
  search: ({ name }: ListedName) => [name],
  filters: {},
  /** Folders come before all else. */
  sorts: { name: ({ name, type }: ListedName) => (type === 'folder' ? `0${name}` : `1${name}`) },
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
