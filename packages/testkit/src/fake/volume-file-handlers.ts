import type { Engine } from '@flotilla/engine'
import { fail, type FileRow, pageOfRows, volumeFileNoun } from '@flotilla/protocol'
import type { HostFiles } from './file-system.ts'
import type { FakeVolumes } from './volumes.ts'

const modifiedAt = new Date().toISOString()
const nobodys = { uid: 0, gid: 0, modifiedAt, linkTarget: null }

/** Files of a fake host's volumes: a folder is there where something is in it. */
export function createVolumeFileHandlers(volumes: FakeVolumes, files: HostFiles): NonNullable<Engine['volumeFiles']> {
  const placeOf = (id: string, path: string) => {
    const above = path.split('/').filter((part) => part !== '' && part !== '.')
    return { above, full: [volumes.find(id).mountpoint, ...above].join('/') }
  }
  return {
    list: async ({ id, path, ...query }) => {
      const { above, full } = placeOf(id, path)
      if (files.has(full)) throw fail('file.noFolder', { path })
      const rows = new Map<string, FileRow>()
      for (const [file, { text }] of files) {
        if (!file.startsWith(`${full}/`)) continue
        const [name = '', ...deeper] = file.slice(full.length + 1).split('/')
        const own = { name, id: [...above, name].join('/'), ...nobodys }
        const isFolder = deeper.length > 0
        const size = isFolder ? 0 : Buffer.byteLength(text)
        rows.set(name, { ...own, type: isFolder ? 'folder' : 'file', sizeBytes: size, mode: isFolder ? 0o755 : 0o644 })
      }
      if (rows.size === 0 && above.length > 0) throw fail('file.absent', { path })
      return pageOfRows(volumeFileNoun, query, rows.values())
    },
    async write({ id, path, overwrite }, body) {
      const { above, full } = placeOf(id, path)
      if (files.has(full) && !overwrite) throw fail('file.exists', { path })
      const parts: Uint8Array[] = []
      for await (const part of body) parts.push(part)
      const bytes = Buffer.concat(parts)
      files.set(full, { text: bytes.toString() })
      return { name: above.at(-1) ?? '', type: 'file', sizeBytes: bytes.length, mode: 0o644, ...nobodys }
    },
    async remove({ id, path, recursive }) {
      const { full } = placeOf(id, path)
      const inside = [...files.keys()].filter((file) => file.startsWith(`${full}/`))
      if (inside.length > 0 && !recursive) throw fail('file.notEmpty', { path })
      if (!files.delete(full) && inside.length === 0) throw fail('file.absent', { path })
      for (const file of inside) files.delete(file)
      return {}
    },
  }
}
