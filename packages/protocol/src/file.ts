import { z } from 'zod'
import { text } from './text.ts'
import { rule } from './errors/rule.ts'

/** Most bytes of a text that is edited in place. */
export const maxTextBytes = 1024 * 1024

/** Below the top of a volume or another root; a leading slash says the same. */
export const FilePath = text(4095).refine((path) => !path.split('/').includes('..'), rule('input.leadsUp'))

export const FileType = z.enum(['file', 'folder', 'symlink', 'fifo', 'socket', 'device'])
export type FileType = z.infer<typeof FileType>

export const FileEntry = z.object({
  name: z.string(),
  type: FileType,
  sizeBytes: z.number().int().nonnegative(),
  /** Permission bits with those for set-id and sticky. */
  mode: z.number().int().nonnegative(),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  modifiedAt: z.iso.datetime(),
  /** What a symbolic link says; it is not followed. */
  linkTarget: z.string().nullable(),
})
export type FileEntry = z.infer<typeof FileEntry>

/** An entry as lists have it: its id is its path from the top, without a leading slash. */
export const FileRow = FileEntry.extend({ id: z.string() })
export type FileRow = z.infer<typeof FileRow>

export const FileText = z.object({
  text: z.string(),
  /** Tells this content from any other: what `writeText` expects to be still there. */
  version: z.string(),
  entry: FileEntry,
})
export type FileText = z.infer<typeof FileText>
