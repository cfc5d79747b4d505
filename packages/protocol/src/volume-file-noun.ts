import { z } from 'zod'
import { FileEntry } from './file.ts'
import { defineNoun } from './noun.ts'
import { volumeFileMethods } from './volume.ts'

const FileRow = FileEntry.extend({ id: z.string() })

/** A file of a volume: listed when somebody looks, and named by its path in the volume. */
export const volumeFileNoun = defineNoun({
  kind: 'file',
  plural: 'volumeFiles',
  held: 'asked',
  parent: { kind: 'volume', field: 'id' },
  row: FileRow,
  detail: z.object({ file: FileRow }),
  view: {
    title: ({ name }) => name,
    names: ({ name }) => [name],
    search: ({ name }) => [name],
    filters: {},
    sorts: { name: ({ name }) => name },
  },
  permissions: {},
  methods: volumeFileMethods,
})
